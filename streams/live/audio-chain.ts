import type { Duplex } from 'node:stream';
import type { AudioChunk } from '../../src/audio/chunk.js';
import type { MusicChoice } from '../../src/engine/music-choice.js';
import { toDenoiseError, UsageError } from '../../src/errors.js';
import type { Clock } from '../clock.js';
import { Denoise } from '../denoise/denoise.js';
import { delayOf, type MakeDenoiser, type OpenDenoiser } from '../denoise/live-denoiser.js';
import { DenoiserSlot } from '../denoise/slot.js';
import type { Mode } from '../radio/modes.js';
import type { SinkFormat } from '../sinks/audio-sink.js';
import { type LiveEventBody, plainError } from './events.js';
import { Gate } from './gate.js';
import { LevelMeter } from './level-meter.js';
import { denoiserStatus, type LevelStatus, type LiveStatus, levelStatus } from './live-status.js';
import { StagePerRate } from './stage-per-rate.js';
import { Tap } from './tap.js';

export interface AudioChainOptions {
  format: SinkFormat;
  /** Makes the denoiser for a format; left out: none. */
  denoiser?: MakeDenoiser | undefined;
  /** How much of the denoising is applied, 0 … 1; default 1. */
  strength?: number | undefined;
  /** Whether music is left in; default `auto`. */
  music?: MusicChoice | undefined;
  /** Delay reserved for denoisers that may be swapped in later, seconds. */
  mostDelaySeconds?: number | undefined;
  /** Mode of the radio now; `undefined` where there is no radio. */
  mode: () => Mode | undefined;
  /** All modes have the same audio rate, and so share one slot. */
  modesShareRate: boolean;
  realtime: boolean;
  /** Longest stretch that the source sends at once, seconds. */
  blockSeconds: number;
  clock: Clock;
  report: (event: LiveEventBody) => void;
  /** Called with every chunk before the denoiser, and between denoiser and gate. */
  onReceived: (chunk: AudioChunk) => void;
  onDenoised: (chunk: AudioChunk) => void;
}

/** The audio path of a live session between radio or source and the outputs: meters, denoiser, gate; the rate may change. */
export class AudioChain {
  /** Format of the audio, behind the denoiser. */
  format: SinkFormat;
  /** Levels before and after the denoiser. */
  input: LevelMeter;
  output: LevelMeter;
  /** The denoising stage; replaced when the rate changes. */
  denoise: Denoise | undefined;
  readonly stages: readonly Duplex[];
  #make: MakeDenoiser | undefined;
  #slot: DenoiserSlot | undefined;
  /** What is in the slot, or was when it failed. */
  #opened: OpenDenoiser | undefined;
  /** What is to be in the slot when all swaps have ended. */
  #wanted: OpenDenoiser | undefined;
  /** The mode that the slot's denoiser is for. */
  #mode: Mode | undefined;
  /** Seconds given out before the rate changed, and samples since. */
  #secondsBefore = 0;
  #samples = 0;
  /** What earlier denoisers counted. */
  #overloads = 0;
  #passedThroughSeconds = 0;

  constructor(private readonly options: AudioChainOptions) {
    const { format, onReceived, onDenoised } = options;
    const { sampleRate } = format;
    this.format = format;
    this.#make = options.denoiser;
    this.input = new LevelMeter(sampleRate);
    this.output = new LevelMeter(sampleRate);
    const before = new Tap<AudioChunk>((chunk) => {
      onReceived(chunk);
      this.#meterInput(chunk);
    });
    const after = new Tap<AudioChunk>(onDenoised);
    const stages: Duplex[] = [before];
    if (options.denoiser !== undefined)
      stages.push(new StagePerRate((rate) => this.#createDenoise(rate), sampleRate));
    stages.push(after, new Gate());
    this.stages = stages;
  }

  /** Audio given out so far, seconds. */
  get seconds(): number {
    return this.#secondsBefore + this.#samples / this.format.sampleRate;
  }

  get levels(): { seconds: number; input: LevelStatus; output: LevelStatus } {
    return { seconds: this.seconds, input: levelStatus(this.input), output: levelStatus(this.output) };
  }

  /** Delay of the denoiser while it keeps up, seconds. */
  get latencySeconds(): number {
    const { denoise } = this;
    return denoise === undefined ? 0 : denoise.latencySamples / denoise.sampleRate + denoise.times.hopSeconds;
  }

  get status(): LiveStatus['denoiser'] {
    if (this.denoise === undefined) return null;
    const now = denoiserStatus(this.denoise, nameOf(this.#opened));
    return {
      ...now,
      overloads: this.#overloads + now.overloads,
      passedThroughSeconds: this.#passedThroughSeconds + now.passedThroughSeconds,
    };
  }

  /** Counts and meters audio that leaves. @returns true when its rate has changed. */
  left({ samples, sampleRate }: AudioChunk): boolean {
    const changed = sampleRate !== this.format.sampleRate;
    if (changed) {
      this.#secondsBefore = this.seconds;
      this.#samples = 0;
      this.format = { ...this.format, sampleRate };
      this.output = new LevelMeter(sampleRate);
    }
    this.output.push(samples);
    this.#samples += samples[0].length;
    return changed;
  }

  /**
   * Replaces the denoiser by what `make` returns, now and after every later change of rate. A denoiser that runs the same
   * model stays.
   *
   * @throws UsageError `E_NO_DENOISER`; what `DenoiserSlot.swap` throws
   */
  async swap(make = this.#make): Promise<void> {
    const slot = this.#slot;
    if (make === undefined || this.options.denoiser === undefined)
      throw new UsageError('E_NO_DENOISER', 'This session does not denoise.', {
        hint: 'Start it with a denoiser; its strength may be 0.',
      });
    this.#make = make;
    if (slot === undefined) return;
    const next = make({ ...this.format, sampleRate: this.denoise!.sampleRate }, this.options.mode());
    if (next.model !== undefined && next.model === this.#wanted?.model) {
      next.close();
      return;
    }
    this.#wanted = next;
    try {
      await slot.swap(next);
    } catch (error) {
      if (this.#wanted === next) this.#wanted = this.#opened;
      throw error;
    }
    if (slot !== this.#slot) return;
    this.#opened = next;
    this.options.report({ kind: 'model-swapped', model: nameOf(next) });
  }

  /** The radio has another mode: its model takes over where the rate, and with it the slot, stays. */
  modeChanged(mode: Mode, audioRate: number): void {
    const { denoise } = this;
    if (denoise === undefined || denoise.sampleRate !== audioRate || mode === this.#mode) return;
    this.#mode = mode;
    denoise.musicExpected = this.options.music === 'on' || mode === 'wbfm';
    this.swap().catch((error: unknown) => {
      const known = toDenoiseError(error, 'Exchanging the model');
      // The mode changed again, or the session ended: this swap is no longer wanted.
      if (known.code === 'E_SWAP_REPLACED' || known.code === 'E_SLOT_CLOSED') return;
      this.options.report({ kind: 'swap-failed', error: plainError(known) });
    });
  }

  close(): void {
    this.#slot?.close();
  }

  #meterInput(chunk: AudioChunk): void {
    if (chunk.sampleRate !== this.input.sampleRate) this.input = new LevelMeter(chunk.sampleRate);
    // The outputs will not hear this noise, so it does not count as the signal's noise floor.
    if (chunk.squelchOpen === false) this.input.pushSilence(chunk.samples[0].length);
    else this.input.push(chunk.samples);
  }

  #createDenoise(sampleRate: number): Denoise {
    const { options, denoise: old } = this;
    const { strength = 1, music = 'auto', realtime, blockSeconds, clock, report, format } = options;
    if (old !== undefined) {
      this.#overloads += old.stats.overloads;
      this.#passedThroughSeconds += Number(old.stats.passedThroughSamples) / old.sampleRate;
      this.#slot?.close();
    }
    const mode = options.mode();
    this.#mode = mode;
    const opened = this.#make!({ ...format, sampleRate }, mode);
    const slot = new DenoiserSlot(
      { ...format, sampleRate, delaySamples: this.#delayFor(opened, sampleRate) },
      opened,
    );
    const stage = new Denoise({
      sampleRate,
      channels: format.channels,
      denoiser: slot,
      hopSeconds: opened.hopSeconds,
      strength: old?.strength ?? strength,
      bypass: old?.bypass ?? false,
      music: music === 'auto' && mode === 'wbfm' ? 'on' : music,
      realtime,
      blockSeconds,
      clock,
    });
    stage.on('overload', (passing: boolean) => report({ kind: 'overload', passing }));
    stage.on('denoiser-failed', (error) => report({ kind: 'denoiser-failed', error: plainError(error) }));
    this.denoise = stage;
    this.#slot = slot;
    this.#opened = opened;
    this.#wanted = opened;
    return stage;
  }

  #delayFor(opened: OpenDenoiser, sampleRate: number): number {
    const { mostDelaySeconds = 0, modesShareRate } = this.options;
    return Math.max(
      delayOf(opened, sampleRate),
      modesShareRate ? (opened.mostDelaySamples ?? 0) : 0,
      Math.ceil(mostDelaySeconds * sampleRate),
    );
  }
}

const nameOf = (opened: OpenDenoiser | undefined): string | null =>
  opened?.name ?? (opened?.model?.info.name || null);
