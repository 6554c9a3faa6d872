import { Cron } from 'croner';
import { UsageError } from '../errors.js';

/** When something is to run: five or six fields of cron, in local time. */
export class CronSchedule {
  readonly #cron: Cron;

  /** @throws UsageError `E_CRON` */
  constructor(readonly text: string) {
    try {
      this.#cron = new Cron(text, { paused: true });
    } catch (cause) {
      throw new UsageError('E_CRON', `"${text}" is no time of cron: ${(cause as Error).message}.`, {
        hint: 'Give minute, hour, day, month and weekday, such as "0 3 * * *" for three at night.',
        cause,
      });
    }
  }

  /**
   * The next time to run. Times that were missed since the last run count once: then it is now.
   * @param last when it ran last; `undefined`: never, and nothing was missed
   * @returns `undefined` when it never comes
   */
  next(now: Date, last: Date | undefined): Date | undefined {
    const due = last && this.#cron.nextRun(last);
    if (due && due <= now) return now;
    return this.#cron.nextRun(now) ?? undefined;
  }
}

/** Longest single wait, milliseconds: timers do not take more, and a clock may be set. */
const MOST_WAIT_MS = 60_000;

/** Waits until a time, or until the signal aborts: its reason is then thrown. */
export async function waitUntil(time: Date, signal: AbortSignal, now = Date.now): Promise<void> {
  for (;;) {
    signal.throwIfAborted();
    const left = time.getTime() - now();
    if (left <= 0) return;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, Math.min(left, MOST_WAIT_MS));
      signal.addEventListener('abort', done, { once: true });
    });
  }
}
