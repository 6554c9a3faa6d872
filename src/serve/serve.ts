import type { Logger } from 'pino';
import type { Model } from '../engine/model.js';
import { healthHandler, metricsHandler } from '../web/operations.js';
import { pageHandler } from '../web/page-files.js';
import { WebServer, type WebServerOptions } from '../web/web-server.js';
import { SERVE_PATH, SERVE_PROTOCOL } from './messages.js';
import { ServeMetrics } from './serve-metrics.js';
import { type FrameTimes, ServedStream, type ServedStreamOptions } from './served-stream.js';

export interface ServeOptions
  extends Omit<WebServerOptions, 'protocols' | 'path' | 'handlers' | 'onSocket' | 'takesClients'>,
    Omit<ServedStreamOptions, 'access' | 'metrics' | 'onFrame'> {
  /** What all streams go through. The server takes one use of it, and releases it when it is closed. */
  model: Model;
  log: Logger;
  /** The text of `/metrics`; default the figures of this process. */
  metricsText?: (own: ServeMetrics) => Promise<string>;
}

/** Largest message of a client, bytes: 1.3 s of stereo at 192 kHz in float. */
const MOST_PAYLOAD = 2 ** 21;

/** New streams per second from one address, after a burst of five times as many: a gateway brings all calls of an office. */
const CONNECTS_PER_SECOND = 100;

/**
 * No more streams are taken while the frames of those that there are take more than this share of their own length: they come
 * too late already, or will with a few more.
 */
const MOST_LOAD = 0.9;
/** Weight of a frame in the mean of that: 150 streams send 7500 frames a second. */
const LOAD_MEMORY = 1 / 1000;
/** Seconds. */
const USUAL_FRAME = 0.02;

/** For so long a client may take to read its last samples, milliseconds. */
const LAST_SAMPLES_MS = 5000;

/** Denoises the audio of many clients through one model: hops that are ready together go through it together. */
export class Serve {
  readonly metrics = new ServeMetrics();
  readonly #streams = new Set<ServedStream>();
  #isDraining = false;
  #web!: WebServer;
  /** Means over the last frames, seconds: of their length, and of the time that they took; at first, as if all had been quick. */
  #audio = USUAL_FRAME;
  #work = 0;

  private constructor(private readonly options: ServeOptions) {}

  /** @throws as {@link WebServer.start} */
  static async start(options: ServeOptions): Promise<Serve> {
    const serve = new Serve(options);
    await serve.#listen();
    return serve;
  }

  async #listen(): Promise<void> {
    const { metrics, options } = this;
    this.#web = await WebServer.start({
      maxPayload: MOST_PAYLOAD,
      connectsPerSecond: CONNECTS_PER_SECOND,
      ...options,
      protocols: [SERVE_PROTOCOL],
      path: SERVE_PATH,
      takesClients: () => this.isReady,
      handlers: [
        healthHandler(() => this.isReady),
        metricsHandler(
          () => options.metricsText?.(metrics) ?? metrics.text(),
          () => this.#web.access,
        ),
        pageHandler('serve'),
      ],
      onSocket: (socket, request) => {
        const stream = new ServedStream(socket, request, {
          ...options,
          metrics,
          access: this.#web.access,
          onFrame: (times) => this.#countFrame(times),
        });
        this.#streams.add(stream);
        metrics.streams.set(this.#streams.size);
        void stream.done.then(() => {
          this.#streams.delete(stream);
          if (this.#streams.size === 0) this.#work = 0;
          metrics.streams.set(this.#streams.size);
        });
      },
      onRefused: (reason) => metrics.refused.inc({ reason }),
    });
  }

  get url(): string {
    return this.#web.url;
  }

  /** Whether one more stream is taken: not while the server is full, late or shutting down. */
  get isReady(): boolean {
    const { maxClients = Number.POSITIVE_INFINITY } = this.options;
    return !this.#isDraining && this.#streams.size < maxClients && this.#work <= MOST_LOAD * this.#audio;
  }

  #countFrame({ audio, delay, work }: FrameTimes): void {
    this.metrics.audio.inc(audio);
    if (delay !== undefined) this.metrics.delay.observe(delay);
    this.#audio += LOAD_MEMORY * (audio - this.#audio);
    this.#work += LOAD_MEMORY * (work - this.#work);
  }

  /**
   * Takes no more streams, lets those that there are go on for `drainMs` at most, gives those that are left their last
   * samples, and ends.
   */
  async close(drainMs = 0): Promise<void> {
    if (this.#isDraining) return;
    this.#isDraining = true;
    const { log, model } = this.options;
    if (this.#streams.size > 0) {
      log.info({ streams: this.#streams.size, seconds: drainMs / 1000 }, 'draining');
      for (const stream of this.#streams) stream.announceEnd(drainMs / 1000);
      await this.#allDone(drainMs);
      for (const stream of this.#streams) stream.end(1001, 'The server shuts down.');
      await this.#allDone(LAST_SAMPLES_MS);
    }
    await this.#web.close();
    await model.release();
    log.info('closed');
  }

  /** Settles when all streams are gone, or after `ms`. */
  async #allDone(ms: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, ms);
    });
    await Promise.race([Promise.all([...this.#streams].map(({ done }) => done)), late]);
    clearTimeout(timer);
  }
}
