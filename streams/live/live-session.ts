import { EventEmitter, once } from 'node:events';
import type { Duplex } from 'node:stream';
import type { AudioChunk } from '../../src/audio/chunk.js';
import { InputError, toDenoiseError, UsageError } from '../../src/errors.js';
import { type Clock, systemClock, type Timer } from '../clock.js';
import type { Denoise } from '../denoise/denoise.js';
import type { MakeDenoiser, OpenDenoiser } from '../denoise/live-denoiser.js';
import type { AudioSink, SinkFormat } from '../sinks/audio-sink.js';
import type { LiveFormat } from '../sinks/open-sink.js';
import { type AudioSource, chunkLength, type IqSource, type SourceNotice } from '../sources/chunk-source.js';
import type { IqChunk } from '../sources/iq-chunk.js';
import { FanOut } from './fan-out.js';
import { LatencyMeter } from './latency-meter.js';
import type { LevelMeter } from './level-meter.js';
import { LiveRadio, type RadioOptions } from './live-radio.js';
import { LiveSound } from './live-sound.js';
import {
  type LiveNotice,
  type LiveStatus,
  latencyStatus,
  levelStatus,
  radioStatus,
  sinkStatus,
  sourceStatus,
} from './live-status.js';
import { LostNotices } from './lost-notices.js';
import { openUnless } from './open-unless.js';
import { Limit, Tap } from './tap.js';

export interface LiveOptions {
  source: AudioSource | IqSource;
  /** The source comes by a clock (a device, a paced recording): never hold it up. Default true for devices. */
  realtime?: boolean;
  /** For sources of complex samples. */
  radio?: RadioOptions;
  /**
   * Makes the denoiser, and another one where the rate of the sound changes; left out: none, the sound goes as it comes.
   * `mode` is the radio's.
   */
  denoiser?: MakeDenoiser;
  /** Opens where the sound goes, once its format is known. */
  openSinks: (format: LiveFormat) => Promise<AudioSink[]>;
  strength?: number;
  /** Let music pass; default true. */
  musicGuard?: boolean;
  /** Ends after so much sound, to the sample. */
  durationSeconds?: number;
  clock?: Clock;
}

/** How long what is on its way may take to be written after the end, milliseconds. */
const PATIENCE_MS = 5000;
/** The same for a speaker whose listener has stopped it. */
const HURRY_MS = 500;

interface LiveEvents {
  notice: [LiveNotice];
}

/** The sinks, unless the source fails before they are open: then it is that error, and they are closed as they come. */
async function sinksFor(
  source: AudioSource | IqSource,
  openSinks: () => Promise<AudioSink[]>,
): Promise<AudioSink[]> {
  // What it says after that must not end the program.
  source.on('error', () => {});
  if (source.destroyed) throw source.errored ?? new InputError('E_EMPTY', 'The source has ended already.');
  const abort = new AbortController();
  const gone = once(source, 'close', { signal: abort.signal }).then(() => {
    throw source.errored ?? new InputError('E_EMPTY', 'The source ended before it began.');
  });
  try {
    return await openUnless(openSinks(), gone, (sinks) => sinks.forEach((sink) => void sink.destroy()));
  } finally {
    abort.abort();
    gone.catch(() => {});
  }
}

/** Source, demodulator, denoiser and sinks as one running thing, with its figures and its controls. */
export class LiveSession extends EventEmitter<LiveEvents> {
  /** Resolves when all is written and closed, whatever ended it; rejects with what went wrong. */
  readonly done: Promise<void>;
  readonly radio: LiveRadio | undefined;
  readonly latency: LatencyMeter;
  readonly #clock: Clock;
  readonly #realtime: boolean;
  readonly #sound: LiveSound;
  readonly #stages: Duplex[] = [];
  #fanOut!: FanOut;
  #stopped = false;
  #error: Error | undefined;
  #patience: Timer | undefined;
  #hurry: Timer | undefined;
  #settle!: () => void;

  private constructor(private readonly options: LiveOptions) {
    super();
    const { source } = options;
    this.#realtime = options.realtime ?? source.live;
    this.#clock = options.clock ?? systemClock;
    if (source.kind === 'iq')
      this.radio = new LiveRadio(source as IqSource & { centreHz: number }, options.radio ?? {});
    const channels = this.radio === undefined ? (source as unknown as { channels: number }).channels : 1;
    this.latency = new LatencyMeter({ canWait: !source.live });
    this.#sound = new LiveSound({
      format: { sampleRate: this.radio?.audioRate ?? source.sampleRate, channels },
      denoiser: options.denoiser,
      strength: options.strength,
      musicGuard: options.musicGuard,
      mode: () => this.radio?.mode,
      realtime: this.#realtime,
      blockSeconds: source.blockSeconds,
      clock: this.#clock,
      notify: (notice) => this.emit('notice', notice),
    });
    this.done = new Promise((resolve, reject) => {
      this.#settle = () => (this.#error === undefined ? resolve() : reject(this.#error));
    });
  }

  /**
   * Starts. The session owns the source from now on, whatever happens.
   *
   * @throws whatever `openSinks` throws, or the source meanwhile; UsageError when the radio cannot be set up
   */
  static async start(options: LiveOptions): Promise<LiveSession> {
    const opened: OpenDenoiser[] = [];
    const { denoiser, source, durationSeconds = 1 } = options;
    const noted: MakeDenoiser | undefined =
      denoiser && ((...args) => opened[opened.push(denoiser(...args)) - 1]);
    try {
      if (!(durationSeconds > 0))
        throw new UsageError('E_DURATION', `A session cannot last ${durationSeconds} s.`, {
          hint: 'Give a time above 0, or none.',
        });
      const session = new LiveSession({ ...options, ...(noted && { denoiser: noted }) });
      const openSinks = () => options.openSinks(session.#formatForSinks);
      session.#connect(await sinksFor(source, openSinks));
      return session;
    } catch (error) {
      for (const one of opened) one.close();
      source.destroy();
      throw error;
    }
  }

  /**
   * Ends the session in good order: what is on its way is still written. `done` tells when.
   *
   * @param atOnce The listener wants it: half a second later speakers are silent. Recordings still get all.
   */
  stop({ atOnce = false } = {}): void {
    const hush = () => this.#fanOut.sinks.forEach((sink) => void (sink.isHeard && sink.destroy()));
    if (atOnce) this.#hurry ??= this.#clock.after(HURRY_MS, hush);
    if (this.#stopped) return;
    this.#stopped = true;
    const [first] = this.#stages;
    this.options.source.unpipe(first);
    this.options.source.destroy();
    first.end();
    this.#patience = this.#clock.after(PATIENCE_MS, () => this.#cutShort());
  }

  /** What the sound is now; another mode of a radio may need another rate. */
  get format(): SinkFormat {
    return this.#sound.format;
  }

  /** The denoiser in use; `undefined` without. */
  get denoise(): Denoise | undefined {
    return this.#sound.denoise;
  }

  /** Levels before and after the denoiser. */
  get input(): LevelMeter {
    return this.#sound.input;
  }

  get output(): LevelMeter {
    return this.#sound.output;
  }

  get status(): LiveStatus {
    const { source } = this.options;
    const { sinks, delays } = this.#fanOut;
    const ownSeconds = this.#sound.latencySeconds + (this.radio?.latencySeconds ?? 0);
    return {
      seconds: this.#sound.seconds,
      source: sourceStatus(source),
      radio: this.radio === undefined ? null : radioStatus(this.radio),
      input: levelStatus(this.input),
      output: levelStatus(this.output),
      denoiser: this.#sound.status,
      latency: this.#realtime ? latencyStatus(this.latency, ownSeconds, delays) : null,
      sink: sinkStatus(sinks),
    };
  }

  get #formatForSinks(): LiveFormat {
    const highestRate = Math.max(this.format.sampleRate, this.radio?.highestRate ?? 0);
    return { ...this.format, live: this.#realtime, highestRate };
  }

  #connect(sinks: AudioSink[]): void {
    const { source, durationSeconds } = this.options;
    this.#stages.push(new Tap<AudioChunk | IqChunk>((chunk) => this.#arrived(chunk)));
    if (this.radio !== undefined) this.#stages.push(this.radio.demodulate);
    this.#stages.push(...this.#sound.stages);
    if (durationSeconds !== undefined) {
      const limit = new Limit(durationSeconds, this.format.sampleRate);
      limit.on('reached', () => this.stop());
      this.#stages.push(limit);
    }
    this.#stages.push(new Tap<AudioChunk>((chunk) => this.#left(chunk)));
    this.#fanOut = new FanOut(sinks);
    const chain = [source, ...this.#stages];
    for (let i = 1; i < chain.length; i++) chain[i - 1].pipe(chain[i] as Duplex);
    chain.at(-1)!.pipe(this.#fanOut);
    const notices = new LostNotices(this.#clock, (notice) => this.emit('notice', { kind: 'source', notice }));
    source.on('notice', (notice: SourceNotice) => notices.push(notice));
    // Destroyed by somebody else, without an error.
    source.on('close', () => !source.readableEnded && this.stop());
    this.radio?.demodulate.on('outside', (centreHz: number) => {
      const message = `The source is at ${centreHz / 1e6} MHz now, where ${this.radio!.frequencyHz / 1e6} MHz is not received: silence.`;
      notices.push({ kind: 'warning', message });
    });
    this.radio?.demodulate.on('broken', () => {
      const message = 'Samples come that are no numbers, or far too large: silence instead.';
      notices.push({ kind: 'warning', message });
    });
    for (const one of chain) one.on('error', (error: Error) => this.#fail(error));
    for (const sink of sinks) {
      sink.on('error', (error: Error) => this.#sinkFailed(sink, error));
      sink.on('reader-gone', () => this.stop());
      sink.on('file', (path: string) => this.emit('notice', { kind: 'file', path }));
    }
    this.#fanOut.on('close', () => {
      this.#patience?.cancel();
      this.#hurry?.cancel();
      notices.end();
      for (const stage of this.#stages) stage.destroy();
      this.#sound.close();
      source.destroy();
      this.#settle();
    });
  }

  #arrived(chunk: AudioChunk | IqChunk): void {
    const end = Number(chunk.firstSample) + chunkLength(chunk);
    this.latency.arrived(end / chunk.sampleRate, this.#clock.now());
  }

  #left(chunk: AudioChunk): void {
    if (this.#sound.left(chunk)) {
      this.latency.forget();
      this.emit('notice', { kind: 'rate', sampleRate: chunk.sampleRate });
    }
    const seconds = Number(chunk.firstSample) / chunk.sampleRate - (this.radio?.latencySeconds ?? 0);
    this.latency.left(seconds, this.#clock.now(), chunk.samples[0].length / chunk.sampleRate);
  }

  /** A denoiser that hangs must not hold a recording open for ever, nor a reader who reads no more the program. */
  #cutShort(): void {
    this.#stages.at(-1)?.unpipe(this.#fanOut);
    this.#fanOut.end();
    this.#patience = this.#clock.after(PATIENCE_MS, () => {
      for (const sink of this.#fanOut.sinks) sink.destroy();
    });
  }

  /** The others go on: who listens need not stop because a disk is full. Told at the end all the same. */
  #sinkFailed(sink: AudioSink, error: unknown): void {
    // Ctrl-C reaches the program that plays, too.
    if (this.#hurry !== undefined && sink.isHeard) return;
    const known = toDenoiseError(error, 'Writing sound');
    const others = this.#fanOut.sinks.some((sink) => sink.errored === null);
    if (!others || this.#stopped) {
      this.#fail(known);
      return;
    }
    this.#error ??= known;
    this.emit('notice', { kind: 'sink-failed', error: known });
  }

  /** The rest of the chain is still written, so that a recording ends whole. */
  #fail(error: unknown): void {
    this.#error ??= toDenoiseError(error, 'Listening');
    const wasStopped = this.#stopped;
    this.stop();
    // A stage that is gone lets nothing through any more: end what comes after it.
    const gone = this.#stages.findLastIndex((stage) => stage.destroyed && stage.errored !== null);
    const next = gone < 0 ? undefined : (this.#stages[gone + 1] ?? this.#fanOut);
    next?.end();
    if (wasStopped && this.#fanOut.destroyed) this.#settle();
  }
}
