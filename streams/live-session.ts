import { EventEmitter } from 'node:events';
import type { Duplex } from 'node:stream';
import type { AudioChunk } from '../src/audio/chunk.js';
import { toDenoiseError } from '../src/errors.js';
import { type Clock, systemClock, type Timer } from './clock.js';
import type { OpenDenoiser } from './denoise/model-denoiser.js';
import { Denoise } from './denoise.js';
import type { IqChunk } from './iq-chunk.js';
import { LevelMeter } from './level-meter.js';
import { FanOut } from './live/fan-out.js';
import { LatencyMeter } from './live/latency-meter.js';
import { LiveRadio, type RadioOptions } from './live/live-radio.js';
import {
  denoiserStatus,
  finiteOrNull,
  type LiveNotice,
  type LiveStatus,
  levelStatus,
} from './live/live-status.js';
import { LostNotices } from './live/lost-notices.js';
import { Limit, Tap } from './live/tap.js';
import type { AudioSink, SinkFormat } from './sinks/audio-sink.js';
import { SpeakerSink } from './sinks/speaker.js';
import { type AudioSource, chunkLength, type IqSource, type SourceNotice } from './sources/chunk-source.js';

export interface LiveOptions {
  source: AudioSource | IqSource;
  /** The source comes by a clock (a device, a paced recording): never hold it up. */
  realtime: boolean;
  /** For sources of complex samples. */
  radio?: RadioOptions;
  /** Makes the denoiser; left out: none, the sound goes as it comes. */
  denoiser?: (format: SinkFormat) => OpenDenoiser;
  /** Opens where the sound goes, once its format is known. */
  openSinks: (format: SinkFormat) => Promise<AudioSink[]>;
  strength?: number;
  /** Let music pass; default true. */
  musicGuard?: boolean;
  /** Ends after so much sound, to the sample. */
  durationSeconds?: number;
  clock?: Clock;
}

/** How long what is on its way may take to be written after the end, milliseconds. */
const PATIENCE_MS = 5000;

interface LiveEvents {
  notice: [LiveNotice];
}

/** Source, demodulator, denoiser and sinks as one running thing, with its figures and its controls. */
export class LiveSession extends EventEmitter<LiveEvents> {
  /** Resolves when all is written and closed, whatever ended it; rejects with what went wrong. */
  readonly done: Promise<void>;
  readonly format: SinkFormat;
  readonly radio: LiveRadio | undefined;
  readonly denoise: Denoise | undefined;
  /** Before and after the denoiser. */
  readonly input: LevelMeter;
  readonly output: LevelMeter;
  readonly latency: LatencyMeter;
  readonly #clock: Clock;
  readonly #opened: OpenDenoiser | undefined;
  readonly #stages: Duplex[] = [];
  #fanOut!: FanOut;
  #samplesOut = 0;
  #stopped = false;
  #error: Error | undefined;
  #patience: Timer | undefined;
  #settle!: () => void;

  private constructor(private readonly options: LiveOptions) {
    super();
    const { source } = options;
    this.#clock = options.clock ?? systemClock;
    if (source.kind === 'iq')
      this.radio = new LiveRadio(source as IqSource & { centreHz: number }, options.radio ?? {});
    const channels = this.radio === undefined ? (source as unknown as { channels: number }).channels : 1;
    this.format = { sampleRate: this.radio?.audioRate ?? source.sampleRate, channels };
    this.latency = new LatencyMeter({ canWait: !source.live });
    this.input = new LevelMeter(this.format.sampleRate);
    this.output = new LevelMeter(this.format.sampleRate);
    this.#opened = options.denoiser?.(this.format);
    if (this.#opened !== undefined) this.denoise = this.#createStage(this.#opened);
    this.done = new Promise((resolve, reject) => {
      this.#settle = () => (this.#error === undefined ? resolve() : reject(this.#error));
    });
  }

  /**
   * Starts. The session owns the source from now on, whatever happens.
   *
   * @throws whatever `openSinks` throws; UsageError when the radio cannot be set up
   */
  static async start(options: LiveOptions): Promise<LiveSession> {
    const opened: OpenDenoiser[] = [];
    const { denoiser } = options;
    const noted = denoiser && ((format: SinkFormat) => opened[opened.push(denoiser(format)) - 1]);
    try {
      const session = new LiveSession({ ...options, ...(noted && { denoiser: noted }) });
      session.#connect(await options.openSinks(session.format));
      return session;
    } catch (error) {
      for (const one of opened) one.close();
      options.source.destroy();
      throw error;
    }
  }

  /** Ends the session in good order: what is on its way is still written. `done` tells when. */
  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    const [first] = this.#stages;
    this.options.source.unpipe(first);
    this.options.source.destroy();
    first.end();
    this.#patience = this.#clock.after(PATIENCE_MS, () => this.#cutShort());
  }

  get status(): LiveStatus {
    const { source } = this.options;
    const { sampleRate } = this.format;
    const { stats } = source;
    const radio = this.radio?.status;
    const sinks = this.#fanOut.sinks.map((sink) => sink.stats);
    return {
      seconds: this.#samplesOut / sampleRate,
      source: {
        kind: source.kind,
        state: stats.state,
        sampleRate: source.sampleRate,
        lostSeconds: Number(stats.lostSamples) / source.sampleRate,
        retries: stats.retries,
      },
      radio:
        this.radio === undefined
          ? null
          : {
              frequencyHz: this.radio.frequencyHz,
              mode: this.radio.mode,
              levelDb: finiteOrNull(radio?.levelDb),
              snrDb: finiteOrNull(radio?.snrDb),
              squelchOpen: radio?.squelchOpen ?? false,
              afcHz: Math.round(radio?.afcHz ?? 0),
              ctcssHz: radio?.ctcssHz ?? null,
            },
      input: levelStatus(this.input),
      output: levelStatus(this.output),
      denoiser: denoiserStatus(this.denoise, sampleRate),
      latency: this.#latencyStatus(),
      sink: {
        droppedSeconds: sinks.reduce((sum, one) => sum + Number(one.droppedSamples), 0) / sampleRate,
        underruns: sinks.reduce((sum, one) => sum + one.underruns, 0),
      },
    };
  }

  #createStage({ denoiser, hopSeconds }: OpenDenoiser): Denoise {
    const { strength = 1, musicGuard = true, realtime, clock = systemClock } = this.options;
    const stage = new Denoise({
      ...this.format,
      denoiser,
      hopSeconds,
      strength,
      musicGuard,
      realtime,
      clock,
    });
    stage.on('overload', (passing: boolean) => this.emit('notice', { kind: 'overload', passing }));
    stage.on('denoiser-failed', (error) => this.emit('notice', { kind: 'denoiser-failed', error }));
    return stage;
  }

  #connect(sinks: AudioSink[]): void {
    const { source, durationSeconds } = this.options;
    this.#stages.push(new Tap<AudioChunk | IqChunk>((chunk) => this.#arrived(chunk)));
    if (this.radio !== undefined) this.#stages.push(this.radio.demodulate);
    this.#stages.push(new Tap<AudioChunk>(({ samples }) => this.input.push(samples)));
    if (this.denoise !== undefined) this.#stages.push(this.denoise);
    if (durationSeconds !== undefined) {
      const limit = new Limit(Math.round(durationSeconds * this.format.sampleRate));
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
    for (const one of [...chain, ...sinks]) one.on('error', (error: Error) => this.#fail(error));
    for (const sink of sinks) sink.on('reader-gone', () => this.stop());
    this.#fanOut.on('close', () => {
      this.#patience?.cancel();
      notices.end();
      for (const stage of this.#stages) stage.destroy();
      this.#opened?.close();
      source.destroy();
      this.#settle();
    });
  }

  #arrived(chunk: AudioChunk | IqChunk): void {
    const end = Number(chunk.firstSample) + chunkLength(chunk);
    this.latency.arrived(end / chunk.sampleRate, this.#clock.now());
  }

  #left(chunk: AudioChunk): void {
    this.output.push(chunk.samples);
    this.#samplesOut += chunk.samples[0].length;
    const seconds = Number(chunk.firstSample) / chunk.sampleRate - (this.radio?.latencySeconds ?? 0);
    this.latency.left(seconds, this.#clock.now());
  }

  #latencyStatus(): LiveStatus['latency'] {
    const half = this.latency.percentile(0.5);
    if (!this.options.realtime || half === undefined) return null;
    const delays = this.#fanOut.sinks.map((sink) => (sink instanceof SpeakerSink ? sink.delaySeconds : 0));
    const waiting = Math.max(0, ...delays);
    const hop = this.#opened?.hopSeconds ?? 0;
    const own = (this.denoise?.latencySamples ?? 0) / this.format.sampleRate + hop;
    return {
      totalMs: Math.round(half + 1000 * waiting),
      p99Ms: Math.round(this.latency.percentile(0.99)! + 1000 * waiting),
      ownMs: Math.round(1000 * (own + (this.radio?.latencySeconds ?? 0))),
    };
  }

  /** A denoiser that hangs must not hold a recording open for ever, nor a reader who reads no more the program. */
  #cutShort(): void {
    this.#stages.at(-1)?.unpipe(this.#fanOut);
    this.#fanOut.end();
    this.#patience = this.#clock.after(PATIENCE_MS, () => {
      for (const sink of this.#fanOut.sinks) sink.destroy();
    });
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
