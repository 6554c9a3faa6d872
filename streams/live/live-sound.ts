import type { Duplex } from 'node:stream';
import type { AudioChunk } from '../../src/audio/chunk.js';
import type { Clock } from '../clock.js';
import { Denoise } from '../denoise/denoise.js';
import type { MakeDenoiser, OpenDenoiser } from '../denoise/live-denoiser.js';
import type { Mode } from '../radio/modes.js';
import type { SinkFormat } from '../sinks/audio-sink.js';
import { ByRate } from './by-rate.js';
import { Gate } from './gate.js';
import { LevelMeter } from './level-meter.js';
import { denoiserStatus, type LiveNotice, type LiveStatus } from './live-status.js';
import { Tap } from './tap.js';

export interface LiveSoundOptions {
  format: SinkFormat;
  /** Makes the denoiser for a format; left out: none. */
  denoiser?: MakeDenoiser | undefined;
  /** How much of the denoising is applied, 0 … 1; default 1. */
  strength?: number | undefined;
  /** Let music pass; default true. */
  musicGuard?: boolean | undefined;
  /** Mode of the radio that the sound to come is from, if it is from one: WBFM may well be music. */
  mode: () => Mode | undefined;
  realtime: boolean;
  /** Longest stretch that the source sends at once, seconds. */
  blockSeconds: number;
  clock: Clock;
  notify: (notice: LiveNotice) => void;
}

/** The sound of a live session on its way from radio or source to the sinks: denoiser and meters, for whatever rate it has. */
export class LiveSound {
  /** What the sound is now, behind the denoiser. */
  format: SinkFormat;
  /** Levels before and after the denoiser. */
  input: LevelMeter;
  output: LevelMeter;
  /** The denoiser in use; another one after a change of rate. */
  denoise: Denoise | undefined;
  readonly stages: readonly Duplex[];
  #opened: OpenDenoiser | undefined;
  /** Seconds given out before the rate changed, and samples since. */
  #secondsBefore = 0;
  #samples = 0;
  /** What earlier denoisers counted. */
  #overloads = 0;
  #passedThroughSeconds = 0;

  constructor(private readonly options: LiveSoundOptions) {
    const { format } = options;
    const { sampleRate } = format;
    this.format = format;
    this.input = new LevelMeter(sampleRate);
    this.output = new LevelMeter(sampleRate);
    const before = new Tap<AudioChunk>((chunk) => {
      if (chunk.sampleRate !== this.input.sampleRate) this.input = new LevelMeter(chunk.sampleRate);
      // Noise that is gated later on is none that the signal is heard in.
      if (chunk.squelchOpen === false) this.input.pushSilence(chunk.samples[0].length);
      else this.input.push(chunk.samples);
    });
    const gate = new Gate();
    this.stages =
      options.denoiser === undefined
        ? [before, gate]
        : [before, new ByRate((rate) => this.#createDenoise(rate), sampleRate), gate];
  }

  /** Sound given out so far, seconds. */
  get seconds(): number {
    return this.#secondsBefore + this.#samples / this.format.sampleRate;
  }

  /** Time that the denoiser keeps a sample when it keeps up, seconds: its own delay, and the filling of a hop. */
  get latencySeconds(): number {
    const samples = this.denoise?.latencySamples ?? 0;
    return samples / (this.denoise?.sampleRate ?? 1) + (this.#opened?.hopSeconds ?? 0);
  }

  get status(): LiveStatus['denoiser'] {
    if (this.denoise === undefined) return null;
    const now = denoiserStatus(this.denoise);
    return {
      ...now,
      overloads: this.#overloads + now.overloads,
      passedThroughSeconds: this.#passedThroughSeconds + now.passedThroughSeconds,
    };
  }

  /** Notes sound that leaves. @returns true when its rate is another than before. */
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

  close(): void {
    this.#opened?.close();
  }

  #createDenoise(sampleRate: number): Denoise {
    const { options, denoise: old } = this;
    const { strength = 1, musicGuard = true, realtime, blockSeconds, clock, notify, format } = options;
    if (old !== undefined) {
      this.#overloads += old.stats.overloads;
      this.#passedThroughSeconds += Number(old.stats.passedThroughSamples) / old.sampleRate;
      this.#opened?.close();
    }
    const mode = options.mode();
    this.#opened = options.denoiser!({ ...format, sampleRate }, mode);
    const stage = new Denoise({
      sampleRate,
      channels: format.channels,
      denoiser: this.#opened.denoiser,
      hopSeconds: this.#opened.hopSeconds,
      strength: old?.strength ?? strength,
      bypass: old?.bypass ?? false,
      musicGuard,
      musicExpected: mode === 'wbfm',
      realtime,
      blockSeconds,
      clock,
    });
    stage.on('overload', (passing: boolean) => notify({ kind: 'overload', passing }));
    stage.on('denoiser-failed', (error) => notify({ kind: 'denoiser-failed', error }));
    this.denoise = stage;
    return stage;
  }
}
