/** Difference between two clocks that is taken for crystal error, not for loss, parts per million. */
const FOLLOWED_PPM = 500;

export interface ArrivalClockOptions {
  /** Seconds by which samples may come late, for longer than a window, before they count as lost; default 0.25. */
  toleranceSeconds?: number;
  /** Seconds over which the least delay is taken; default 4. */
  windowSeconds?: number;
  /** Seconds without samples after which a window starts anew; default 1. */
  stallSeconds?: number;
}

/**
 * Estimates how many samples a source lost from when its blocks arrive, for sources that drop without saying so
 * (`rtl_tcp` with a slow client, USB). Late samples catch up; lost ones do not: so the least delay in a window is
 * compared with the least delay before it. Crystal error moves that base slowly and is followed, up to 500 ppm (2 ms in a
 * 4 s window); what is faster adds up until it exceeds the tolerance.
 */
export class ArrivalClock {
  private readonly tolerance: number;
  private readonly window: number;
  private readonly stall: number;
  private startMs: number | undefined;
  private received = 0;
  private base = 0;
  private windowStartMs = 0;
  private windowLeast = Number.POSITIVE_INFINITY;
  private lastMs = 0;

  constructor(
    readonly sampleRate: number,
    options: ArrivalClockOptions = {},
  ) {
    this.tolerance = (options.toleranceSeconds ?? 0.25) * sampleRate;
    this.window = (options.windowSeconds ?? 4) * 1000;
    this.stall = (options.stallSeconds ?? 1) * 1000;
  }

  /** Notes a block of `samples` whose last sample arrived at `nowMs`. Returns samples lost before it; mostly 0. */
  arrived(samples: number, nowMs: number): number {
    if (this.startMs === undefined) {
      this.startMs = nowMs;
      this.received = 0;
      this.base = 0;
      this.openWindow(nowMs);
      this.lastMs = nowMs;
      return 0;
    }
    const stalled = nowMs - this.lastMs > this.stall;
    this.lastMs = nowMs;
    this.received += samples;
    const delay = this.delay(nowMs);
    if (delay < this.base) this.base = delay;
    if (stalled) this.openWindow(nowMs);
    if (nowMs - this.windowStartMs < this.window) {
      this.windowLeast = Math.min(this.windowLeast, delay);
      return 0;
    }
    const lost = Number.isFinite(this.windowLeast) ? Math.round(this.windowLeast - this.base) : 0;
    this.openWindow(nowMs);
    if (lost > this.tolerance) {
      this.received += lost;
      return lost;
    }
    this.base += Math.min(lost, (FOLLOWED_PPM * 1e-6 * this.window * this.sampleRate) / 1000);
    return 0;
  }

  /** As {@link arrived} after the source was gone: everything that should have come by now is lost, at once. */
  resumed(samples: number, nowMs: number): number {
    if (this.startMs === undefined) {
      this.arrived(samples, nowMs);
      return 0;
    }
    this.lastMs = nowMs;
    const lost = Math.max(0, Math.round(this.delay(nowMs) - this.base - samples));
    this.received += samples + lost;
    this.openWindow(nowMs);
    return lost;
  }

  /** Notes samples known to be lost. */
  skip(samples: number): void {
    this.received += samples;
  }

  private delay(nowMs: number): number {
    return ((nowMs - this.startMs!) / 1000) * this.sampleRate - this.received;
  }

  private openWindow(nowMs: number): void {
    this.windowStartMs = nowMs;
    this.windowLeast = Number.POSITIVE_INFINITY;
  }
}
