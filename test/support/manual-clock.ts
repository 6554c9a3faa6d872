import type { Clock, Timer } from '../../streams/clock.js';

interface Pending {
  dueMs: number;
  run: () => void;
}

/** A clock that stands still until a test moves it. */
export class ManualClock implements Clock {
  private nowMs = 0;
  private pending: Pending[] = [];

  now(): number {
    return this.nowMs;
  }

  /** Calls that are waiting for their time. */
  get waiting(): number {
    return this.pending.length;
  }

  after(ms: number, run: () => void): Timer {
    const entry = { dueMs: this.nowMs + Math.max(0, ms), run };
    this.pending.push(entry);
    return {
      cancel: () => {
        this.pending = this.pending.filter((other) => other !== entry);
      },
    };
  }

  /** Moves time on, running what falls due on the way, in order. */
  advance(ms: number): void {
    const end = this.nowMs + ms;
    for (;;) {
      const next = this.pending.filter((entry) => entry.dueMs <= end).sort((a, b) => a.dueMs - b.dueMs)[0];
      if (next === undefined) break;
      this.pending = this.pending.filter((entry) => entry !== next);
      this.nowMs = next.dueMs;
      next.run();
    }
    this.nowMs = end;
  }
}
