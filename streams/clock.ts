import { performance } from 'node:perf_hooks';

/** A pending call; {@link Timer.cancel} is harmless once it has run. */
export interface Timer {
  cancel(): void;
}

/** Source of time for streams; tests pass one that they advance by hand, so that no test waits. */
export interface Clock {
  /** Monotonic time in milliseconds, with fractions. */
  now(): number;
  /** Calls `run` once, `ms` milliseconds from now. */
  after(ms: number, run: () => void): Timer;
}

/** The machine's monotonic clock. */
export const systemClock: Clock = {
  now: () => performance.now(),
  after(ms, run) {
    const handle = setTimeout(run, Math.max(0, ms));
    return { cancel: () => clearTimeout(handle) };
  },
};
