import { EventEmitter } from 'node:events';
import type { Duplex } from 'node:stream';
import type { AudioChunk } from '../../src/audio/chunk.js';
import { toDenoiseError } from '../../src/errors.js';
import { type Clock, systemClock } from '../clock.js';
import type { Denoise } from '../denoise/denoise.js';
import type { MakeDenoiser } from '../denoise/live-denoiser.js';
import type { Receiver } from '../radio/receiver.js';
import { signalOf } from '../signal-track.js';
import type { AudioSink, SinkFormat } from '../sinks/audio-sink.js';
import type { LiveFormat } from '../sinks/open-sink.js';
import { endSecondsOf, type SourceNotice } from '../sources/chunk-source.js';
import type { IqChunk } from '../sources/iq-chunk.js';
import type { Listener } from './attachment.js';
import { AudioChain } from './audio-chain.js';
import { LIVE_EVENT_VERSION, type LiveEvent, type LiveEventBody, plainError, sourceEvent } from './events.js';
import { FanOut } from './fan-out.js';
import { LatencyMeter } from './latency-meter.js';
import type { ListenerItems, ListenOptions } from './listen-options.js';
import { type Attached, Listeners } from './listeners.js';
import { checkLiveOptions, type LiveOptions } from './live-options.js';
import { LiveRadio } from './live-radio.js';
import { type LiveStatus, liveStatus } from './live-status.js';
import { LossSummary } from './loss-summary.js';
import { openSinksFor } from './open-or-abort.js';
import { reportReception } from './reception-events.js';
import { Limit, Tap } from './tap.js';

interface SessionEvents {
  event: [LiveEvent];
}

/**
 * Source, demodulator, denoiser and outputs as one running thing, with its figures and its controls. Emits `event` with
 * every {@link LiveEvent}.
 */
export class LiveSession extends EventEmitter<SessionEvents> {
  /** Resolves when all is written and closed, whatever ended it; rejects with what went wrong. */
  readonly done: Promise<void>;
  readonly radio: LiveRadio | undefined;
  readonly latency: LatencyMeter;
  readonly #clock: Clock;
  readonly #realtime: boolean;
  readonly #chain: AudioChain;
  readonly #listeners: Listeners;
  readonly #stages: Duplex[] = [];
  #fanOut!: FanOut;
  #stopped = false;
  #error: Error | undefined;
  #settle!: () => void;

  private constructor(private readonly options: LiveOptions) {
    super();
    const { source } = options;
    this.#realtime = options.realtime ?? source.live;
    this.#clock = options.clock ?? systemClock;
    this.radio = source.kind === 'iq' ? new LiveRadio(source, options.radio ?? {}) : undefined;
    this.latency = new LatencyMeter({ canWait: !source.live });
    this.#chain = new AudioChain({
      ...options,
      format: {
        sampleRate: this.radio?.audioRate ?? source.sampleRate,
        channels: source.kind === 'iq' ? 1 : source.channels,
      },
      mode: () => this.radio?.demodulate.receiver?.options.mode ?? this.radio?.mode,
      modesShareRate: options.radio?.audioRate !== undefined,
      realtime: this.#realtime,
      blockSeconds: source.blockSeconds ?? 0,
      clock: this.#clock,
      report: (event) => this.announce(event),
      onReceived: (chunk) => this.#listeners.publish('received', chunk),
      onDenoised: (chunk) => this.#listeners.publish('denoised', chunk),
    });
    this.#listeners = new Listeners({
      isRadio: this.radio !== undefined,
      clock: this.#clock,
      report: (event) => this.announce(event),
      levels: (chunk) => ({ ...this.#chain.levels, ...signalOf(chunk) }),
    });
    this.done = new Promise((resolve, reject) => {
      this.#settle = () => (this.#error === undefined ? resolve() : reject(this.#error));
    });
  }

  /**
   * Starts. The session owns the source from now on, whatever happens.
   *
   * @throws what `openSinks` or the source throws; UsageError when the radio cannot be set up, or an option cannot matter
   */
  static async start(options: LiveOptions): Promise<LiveSession> {
    const { source } = options;
    let chain: AudioChain | undefined;
    try {
      checkLiveOptions(options);
      const session = new LiveSession(options);
      chain = session.#chain;
      session.#connect(await openSinksFor(source, () => options.openSinks(session.#formatForSinks)));
      return session;
    } catch (error) {
      chain?.close();
      options.iqRecording?.destroy();
      source.destroy();
      throw error;
    }
  }

  /**
   * Ends the session in good order: what is on its way is still written. `done` tells when.
   * @param atOnce The person at the speaker asked for it: speakers are silent within half a second. Recordings still get all.
   */
  stop({ atOnce = false } = {}): void {
    if (atOnce) this.#fanOut.silenceSoon();
    if (this.#stopped) return;
    this.#stopped = true;
    const { source } = this.options;
    source.unpipe(this.#stages[0]).destroy();
    this.#stages[0].end();
    this.#fanOut.limitEnd(() => void this.#stages.at(-1)?.unpipe(this.#fanOut));
  }

  /**
   * Attaches a listener, at any time. It is called with copies, between the steps of the stream. One that exceeds its budget
   * misses items or is detached; both are counted and reported as events. It never delays the session.
   *
   * @throws UsageError `E_LISTENER` for an unknown `what` or an option that does not apply; InputError `E_FFT_SIZE`
   */
  attach<W extends keyof ListenerItems>(
    listener: Listener<ListenerItems[W]>,
    options: ListenOptions<W>,
  ): Attached {
    return this.#listeners.attach(listener, options);
  }

  /**
   * Exchanges the denoiser while it runs, without a lost sample or a click, for what `make` makes now and for rates and
   * modes to come; left out: for what the session's `denoiser` makes now. One that runs the same model stays.
   *
   * @returns when the cross-fade has ended
   * @throws UsageError `E_NO_DENOISER`; ModelError `E_SLOT_LATENCY` where it needs more delay than was kept ready
   *   (`mostDelaySeconds`); DenoiseError `E_SWAP_REPLACED`, `E_SLOT_CLOSED`; what the denoiser throws
   */
  swap(make?: MakeDenoiser): Promise<void> {
    return this.#chain.swap(make);
  }

  /** Format of the audio now; another mode of a radio may need another rate. */
  get format(): SinkFormat {
    return this.#chain.format;
  }

  /** The denoising stage in use; `undefined` without. */
  get denoise(): Denoise | undefined {
    return this.#chain.denoise;
  }

  get status(): LiveStatus {
    const { radio } = this;
    return liveStatus({
      source: this.options.source,
      radio,
      levels: this.#chain.levels,
      denoiser: this.#chain.status,
      latency: this.#realtime ? this.latency : undefined,
      ownSeconds: this.#chain.latencySeconds + (radio?.latencySeconds ?? 0),
      outputs: this.#fanOut,
    });
  }

  get #formatForSinks(): LiveFormat {
    const highestRate = Math.max(this.format.sampleRate, this.radio?.highestRate ?? 0);
    return { ...this.format, live: this.#realtime, highestRate };
  }

  /** Tells an event to all who listen: of the session, or of what works along with it, such as a scan. */
  announce(body: LiveEventBody): void {
    const event = { version: LIVE_EVENT_VERSION, seconds: this.#chain.seconds, ...body } as LiveEvent;
    this.emit('event', event);
    this.#listeners.publishEvent(event);
  }

  #connect(sinks: AudioSink[]): void {
    const { source, durationSeconds } = this.options;
    this.#stages.push(new Tap<AudioChunk | IqChunk>((chunk) => this.#arrived(chunk)));
    const before = [this.options.iqRecording, this.radio?.demodulate].filter((stage) => stage !== undefined);
    this.#stages.push(...before, ...this.#chain.stages);
    if (durationSeconds !== undefined) {
      const limit = new Limit(durationSeconds, this.format.sampleRate);
      limit.on('reached', () => this.stop());
      this.#stages.push(limit);
    }
    this.#stages.push(new Tap<AudioChunk>((chunk) => this.#left(chunk)));
    this.#fanOut = new FanOut(sinks, this.#clock);
    const chain = [source, ...this.#stages];
    for (let i = 1; i < chain.length; i++) chain[i - 1].pipe(chain[i] as Duplex);
    chain.at(-1)!.pipe(this.#fanOut);
    const losses = new LossSummary(this.#clock, (notice) => this.announce(sourceEvent(notice)));
    source.on('notice', (notice: SourceNotice) => losses.push(notice));
    // Destroyed by somebody else, without an error.
    source.on('close', () => !source.readableEnded && this.stop());
    reportReception(this.radio, (event) => this.announce(event));
    this.radio?.demodulate.on('receiver', ({ options }: Receiver) =>
      this.#chain.modeChanged(options.mode, options.audioRate),
    );
    for (const one of chain) one.on('error', (error: Error) => this.#fail(error));
    for (const sink of sinks) {
      sink.on('error', (error: Error) => this.#sinkFailed(sink, error));
      sink.on('reader-gone', () => this.stop());
      sink.on('file', (path: string) => this.announce({ kind: 'file', path }));
    }
    this.#fanOut.on('close', () => {
      losses.end();
      for (const stage of this.#stages) stage.destroy();
      this.#chain.close();
      this.#listeners.finish();
      source.destroy();
      this.#settle();
    });
  }

  #arrived(chunk: AudioChunk | IqChunk): void {
    if ('format' in chunk) this.#listeners.publish('iq', chunk);
    this.latency.arrived(endSecondsOf(chunk), this.#clock.now());
  }

  #left(chunk: AudioChunk): void {
    const { sampleRate } = chunk;
    if (this.#chain.left(chunk)) {
      this.latency.forget();
      this.announce({ kind: 'rate', sampleRate });
    }
    this.#listeners.publish('output', chunk);
    const seconds = Number(chunk.firstSample) / sampleRate - (this.radio?.latencySeconds ?? 0);
    this.latency.left(seconds, this.#clock.now(), chunk.samples[0].length / sampleRate);
  }

  /** The other outputs go on: a full disk need not silence the speaker. `done` still rejects at the end. */
  #sinkFailed(sink: AudioSink, error: unknown): void {
    // Ctrl-C also ends the player; that is no failure.
    if (this.#fanOut.isSilencing && sink.isHeard) return;
    const known = toDenoiseError(error, 'Writing audio');
    const isLast = this.#fanOut.sinks.every(({ errored }) => errored !== null);
    if (isLast || this.#stopped) this.#fail(known);
    else {
      this.#error ??= known;
      this.announce({ kind: 'output-failed', error: plainError(known) });
    }
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
