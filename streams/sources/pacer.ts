import type { Clock, Timer } from '../clock.js';

/** How fast a recording plays: by its own sample clock, or as fast as the reader takes it. */
export type Pace = 'realtime' | 'fast';

/** Seconds a paced recording may lag behind its reader's pauses before the clock starts anew instead of catching up. */
const CATCH_UP_SECONDS = 1;

/** Lets samples out at their rate. A recording can wait, so a pause of the reader delays it and loses nothing. */
export class Pacer {
  private startMs: number | undefined;
  private released = 0;
  private timer: Timer | undefined;
  private wake: (() => void) | undefined;

  constructor(
    private readonly sampleRate: number,
    private readonly pace: Pace,
    private readonly clock: Clock,
  ) {}

  /** Resolves when `samples` more are due: when the last of them would have been sampled. */
  async due(samples: number): Promise<void> {
    if (this.pace === 'fast') return;
    const now = this.clock.now();
    this.startMs ??= now;
    this.released += samples;
    let dueMs = this.startMs + (this.released / this.sampleRate) * 1000;
    if (dueMs < now - CATCH_UP_SECONDS * 1000) {
      this.startMs = now;
      this.released = 0;
      dueMs = now;
    }
    if (dueMs <= now) return;
    await new Promise<void>((resolve) => {
      this.wake = resolve;
      this.timer = this.clock.after(dueMs - now, resolve);
    });
  }

  /** Lets a waiting {@link due} return at once, for a source that is destroyed. */
  stop(): void {
    this.timer?.cancel();
    this.wake?.();
  }
}
