import type { Clock, Timer } from '../../streams/clock.js';
import type { LiveSession } from '../../streams/live/live-session.js';

/** A clock that goes by the audio that a session has given out: tests need no real time, and miss none. */
export class AudioClock implements Clock {
  constructor(private readonly session: LiveSession) {}

  now(): number {
    return 1000 * this.session.status.seconds;
  }

  after(ms: number, run: () => void): Timer {
    const due = this.now() + ms;
    let cancelled = false;
    const look = (): void => {
      if (cancelled) return;
      if (this.now() >= due) run();
      else setImmediate(look);
    };
    setImmediate(look);
    return {
      cancel: () => {
        cancelled = true;
      },
    };
  }
}
