import { performance } from 'node:perf_hooks';

/** A pending call; {@link Timer.cancel} is harmless once it has run. */
export interface Timer {
  cancel(): void;
}

/** Where streams take their time from; tests pass one that they move by hand, so that no test waits. */
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
