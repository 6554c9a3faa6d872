import type { AudioChunk } from '../../src/audio/chunk.js';
import { DeviceError, toDenoiseError } from '../../src/errors.js';
import { type Clock, systemClock, type Timer } from '../clock.js';
import { ArrivalClock } from './arrival-clock.js';
import { BackOff, type BackOffOptions } from './back-off.js';
import { ChunkSource, type ChunkSourceOptions } from './chunk-source.js';
import type { IqChunk } from './iq-chunk.js';

/** A connection that holds for so long works; one that drops sooner makes the pauses grow, milliseconds. */
const STEADY_MS = 5000;

export interface ReconnectingOptions extends ChunkSourceOptions {
  /** Milliseconds without samples, or with less than a quarter of them, after which the device is given up; default 3000. */
  stallTimeoutMs?: number;
  /** Waits between attempts once the source had worked; default 250 ms doubling to 10 s, without end. */
  backOff?: BackOffOptions;
  clock?: Clock;
}

/** Share of the expected samples below which a source counts as dead rather than slow. */
const DEAD_SHARE = 0.25;

/**
 * A live source whose device can go away: watches that samples come at their rate, connects again with back-off when
 * they do not, and counts by the clock what was lost meanwhile.
 */
export abstract class ReconnectingSource<C extends AudioChunk | IqChunk> extends ChunkSource<C> {
  readonly live = true;
  protected readonly clock: Clock;
  private readonly backOff: BackOff;
  private resumedMs = 0;
  private readonly stallTimeoutMs: number;
  private arrivals: ArrivalClock | undefined;
  private timer: Timer | undefined;
  private inWindow = 0;
  private lastArrivalMs: number;
  private interrupted = false;
  private stopped = false;

  constructor(options: ReconnectingOptions = {}) {
    super(options);
    this.clock = options.clock ?? systemClock;
    this.backOff = new BackOff(options.backOff);
    this.stallTimeoutMs = options.stallTimeoutMs ?? 3000;
    this.lastArrivalMs = this.clock.now();
  }

  /** Opens the device and applies all settings again. */
  protected abstract connect(): Promise<void>;
  /** Closes the device; must not throw, and may be called when it is closed. */
  protected abstract disconnect(): void | Promise<void>;

  /** The first connection; its failure is the caller's, not retried. */
  protected async start(): Promise<void> {
    try {
      await this.connect();
    } catch (error) {
      this.stopped = true;
      await this.disconnect();
      this.destroy();
      throw toDenoiseError(error, 'Opening the source');
    }
    this.running();
  }

  /** Takes a block that just arrived: accounts for it by the clock, then offers it to the reader. */
  protected arrive(chunk: Omit<C, 'firstSample' | 'discontinuity'>, samples: number): void {
    if (this.stopped) return;
    const now = this.clock.now();
    this.arrivals ??= new ArrivalClock(this.sampleRate);
    const resumed = this.interrupted;
    const lost = resumed ? this.arrivals.resumed(samples, now) : this.arrivals.arrived(samples, now);
    if (resumed) {
      this.interrupted = false;
      this.resumedMs = now;
      const silentMs = now - this.lastArrivalMs;
      this.lose(BigInt(lost), `the source was gone for ${(silentMs / 1000).toFixed(1)} s`, true);
      this.notify({ kind: 'resumed', silentMs });
    } else if (lost > 0) {
      this.lose(BigInt(lost), 'samples never arrived', true);
    }
    if (this.backOff.attempt > 0 && now - this.resumedMs >= STEADY_MS) this.backOff.reset();
    this.lastArrivalMs = now;
    this.inWindow += samples;
    this.offer(chunk);
  }

  /** Counts samples that the device says it lost, so that they are not found missing again by the clock. */
  protected missed(samples: bigint, reason: string, estimated: boolean): void {
    this.arrivals?.skip(Number(samples));
    this.lose(samples, reason, estimated);
  }

  /** To be called when the sample rate has changed: what was learnt of the arrival times no longer holds. */
  protected rateChanged(oldRate: number, newRate: number): void {
    this.arrivals = undefined;
    this.inWindow = 0;
    if (oldRate !== newRate) this.rescale(oldRate, newRate);
  }

  /** Ends this connection and plans the next; called by the device's own failures and by the watch. */
  protected lostConnection(error: DeviceError): void {
    if (this.stopped || this.stats.state === 'retrying') return;
    this.stats.state = 'retrying';
    this.interrupted = true;
    this.timer?.cancel();
    void Promise.resolve(this.disconnect()).then(() => this.retry(error));
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.stopped = true;
    this.timer?.cancel();
    if (this.stats.state !== 'failed') this.stats.state = 'ended';
    Promise.resolve(this.disconnect()).then(
      () => done(error),
      (failure: Error) => done(error ?? failure),
    );
  }

  private retry(error: DeviceError): void {
    if (this.stopped) return;
    const delayMs = this.backOff.next();
    if (delayMs === undefined) {
      this.fail(error, 'Reading the source');
      return;
    }
    this.stats.retries++;
    this.notify({ kind: 'retry', attempt: this.backOff.attempt, delayMs, error });
    this.timer = this.clock.after(delayMs, () => {
      this.connect().then(
        () => (this.stopped ? this.disconnect() : this.running()),
        (failure: unknown) => {
          const next = toDenoiseError(failure, 'Opening the source');
          void Promise.resolve(this.disconnect()).then(() => this.retry(next as DeviceError));
        },
      );
    });
  }

  private running(): void {
    this.stats.state = 'running';
    this.watch();
  }

  private watch(): void {
    this.inWindow = 0;
    this.timer?.cancel();
    this.timer = this.clock.after(this.stallTimeoutMs, () => {
      const expected = (this.stallTimeoutMs / 1000) * this.sampleRate;
      if (this.inWindow >= expected * DEAD_SHARE) {
        this.watch();
        return;
      }
      const rate = Math.round((this.inWindow * 1000) / this.stallTimeoutMs);
      const seconds = this.stallTimeoutMs / 1000;
      const why =
        this.inWindow === 0
          ? `no samples for ${seconds} s`
          : `only ${rate} samples a second where ${this.sampleRate} were due`;
      this.lostConnection(
        new DeviceError('E_SOURCE_STALLED', `The source went silent: ${why}.`, {
          hint: 'It is tried again; check cable, network and power if it does not come back.',
        }),
      );
    });
  }
}
