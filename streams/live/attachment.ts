import { DenoiseError, toDenoiseError } from '../../src/errors.js';
import type { Clock } from '../clock.js';

/** What a listener may cost the session, and what happens beyond that. */
export interface ListenerBudget {
  /** Most items in its queue; default 64. */
  queue?: number;
  /** Share of the event loop's time that it may take, 0 … 1; default 0.25. After a long call the next one is delayed. */
  load?: number;
  /** When the queue is full: `thin` drops the oldest item, `drop` detaches the listener; default `thin`. */
  whenSlow?: 'thin' | 'drop';
}

/**
 * Called with every item, one at a time: the next one waits until the promise resolves. A listener that throws is detached.
 *
 * @param missed how many items were dropped right before this one because the listener was too slow
 */
export type Listener<T> = (item: T, missed: number) => void | Promise<void>;

/** Running account of a listener. */
export interface ListenerStats {
  delivered: number;
  /** Items dropped because it was too slow. */
  missed: number;
}

export interface AttachmentOptions {
  budget: ListenerBudget;
  clock: Clock;
  onMissed: () => void;
  /** Called once at the end; with an error unless it was detached on purpose. */
  onEnd: (error: DenoiseError | undefined) => void;
}

/** Calls shorter than this do not count against the load, milliseconds. */
const SHORT_MS = 1;

/** A listener and its queue. It is called from the event loop, never from inside a step of the stream. */
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

  /** Queues an item; returns at once. */
  offer(item: T): void {
    if (this.#isOver || this.#isFinishing) return;
    if (this.#queue.length >= (this.options.budget.queue ?? 64)) {
      if (this.options.budget.whenSlow === 'drop') {
        this.#end(new DenoiseError('E_LISTENER_SLOW', 'It did not keep up with its queue.'));
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

  /** Stops delivery at once. */
  detach(): void {
    this.#end(undefined);
  }

  /** Ends after everything in the queue has been delivered. */
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
