import { DenoiseError, toDenoiseError } from '../../src/errors.js';
import type { Clock } from '../clock.js';

/** How much a listener may cost the session, and what happens when it is slower. */
export interface ListenerBudget {
  /** Items that wait for it at most; default 64. */
  queue?: number;
  /** Share of the time that it may keep the event loop busy, 0 … 1; default 0.25. After each call it rests accordingly. */
  load?: number;
  /** `thin` leaves out the oldest items and goes on, `drop` detaches it; default `thin`. */
  whenSlow?: 'thin' | 'drop';
}

/**
 * Called with every item, one at a time: the next one waits until the promise resolves. A listener that throws is detached.
 *
 * @param missed how many items were left out right before this one, because it was too slow
 */
export type Listener<T> = (item: T, missed: number) => void | Promise<void>;

/** Running account of a listener. */
export interface ListenerStats {
  delivered: number;
  /** Items left out because it was too slow. */
  missed: number;
}

export interface AttachmentOptions {
  budget: ListenerBudget;
  clock: Clock;
  onMissed: () => void;
  /** Called once when it is over; with an error unless it was detached on purpose. */
  onEnd: (error: DenoiseError | undefined) => void;
}

/** A call that took less than this is not weighed, milliseconds. */
const SHORT_MS = 1;

/** A listener and what waits for it. What it does happens between the stream's own steps, never inside one. */
export class Attachment<T> {
  readonly stats: ListenerStats = { delivered: 0, missed: 0 };
  readonly #queue: T[] = [];
  #missedBefore = 0;
  #isRunning = false;
  #isFinishing = false;
  #isOver = false;

  constructor(
    private readonly listener: Listener<T>,
    private readonly options: AttachmentOptions,
  ) {}

  /** Hands it an item; returns at once. */
  offer(item: T): void {
    if (this.#isOver || this.#isFinishing) return;
    if (this.#queue.length >= (this.options.budget.queue ?? 64)) {
      if (this.options.budget.whenSlow === 'drop') {
        this.#end(new DenoiseError('E_LISTENER_SLOW', 'It was slower than its budget allows.'));
        return;
      }
      this.#queue.shift();
      this.stats.missed++;
      this.#missedBefore++;
      this.options.onMissed();
    }
    this.#queue.push(item);
    if (this.#isRunning) return;
    this.#isRunning = true;
    setImmediate(() => void this.#deliver());
  }

  /** Nothing more is delivered. */
  detach(): void {
    this.#end(undefined);
  }

  /** Ends it when all that waits has been delivered. */
  finish(): void {
    this.#isFinishing = true;
    if (!this.#isRunning) this.#end(undefined);
  }

  /** Never rejects. */
  async #deliver(): Promise<void> {
    const { clock, budget } = this.options;
    try {
      while (this.#queue.length > 0) {
        const item = this.#queue.shift()!;
        const missed = this.#missedBefore;
        this.#missedBefore = 0;
        const started = clock.now();
        const done = this.listener(item, missed);
        const busyMs = clock.now() - started;
        this.stats.delivered++;
        await done;
        if (busyMs > SHORT_MS) await this.#rest(busyMs / (budget.load ?? 0.25) - busyMs);
      }
    } catch (error) {
      this.#end(toDenoiseError(error, 'Listening'));
    }
    this.#isRunning = false;
    if (this.#isFinishing) this.#end(undefined);
  }

  #rest(ms: number): Promise<void> {
    return new Promise((resolve) => void this.options.clock.after(ms, resolve));
  }

  #end(error: DenoiseError | undefined): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#queue.length = 0;
    this.options.onEnd(error);
  }
}
