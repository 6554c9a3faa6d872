import { TrainingError } from '../../errors.js';
import { WorkerClient } from '../../threads/worker-client.js';
import { workerUrl } from '../../threads/worker-url.js';
import {
  createExampleSource,
  type ExampleOptions,
  type ExampleSource,
  mixBatch,
  type TrainingBatch,
} from './batch.js';
import type { RemixMethods } from './remix-worker.js';

/** What to load, and how. */
export type BatchLoaderOptions = ExampleOptions & LoaderSettings;

export interface LoaderSettings {
  /** Examples per batch. */
  batch: number;
  /** Threads that mix ahead; 0 mixes on the calling thread, when asked. Default 1. The batches are the same. */
  workers?: number;
  /** Batches held ready or in work, at least one per worker. Default 2 per worker. */
  ahead?: number;
  /** Step to begin with. Default 0. */
  firstStep?: number;
}

/** How well a loader keeps up; `waitMs` against the time of all steps is its share. */
export interface LoaderStatistics {
  /** Batches handed out. */
  batches: number;
  /** Time that callers of `nextBatch` waited, in milliseconds (all of the mixing with `workers: 0`). */
  waitMs: number;
  /** Time spent on mixing the batches handed out, on whatever thread, in milliseconds. */
  mixMs: number;
}

/** A batch in work. A caller waits for a claimed one; the others are only mixed ahead. */
class Pending {
  claimed = false;
  resolve!: (batch: TrainingBatch) => void;
  reject!: (error: unknown) => void;
  readonly promise = new Promise<TrainingBatch>((resolve, reject) => {
    this.resolve = resolve;
    this.reject = reject;
  });
}

/**
 * Hands out batches of training examples step by step, mixed ahead by worker threads. The batch of a step depends on
 * the seed and the step alone: not on the number of workers, nor on where a run was interrupted.
 */
export class BatchLoader {
  readonly #options: BatchLoaderOptions;
  readonly #workers: WorkerClient<RemixMethods>[] = [];
  readonly #pending = new Map<number, Pending>();
  readonly #ahead: number;
  /** Mixes on the calling thread; made in any case, so that bad settings are refused at once and in one place. */
  readonly #source: ExampleSource;
  #step: number;
  #failure: TrainingError | undefined;
  #closed = false;
  readonly #statistics: LoaderStatistics = { batches: 0, waitMs: 0, mixMs: 0 };

  constructor(options: BatchLoaderOptions) {
    const { workers = 1, firstStep = 0, batch, samples } = options;
    for (const [name, value] of Object.entries({ batch, samples })) {
      if (Number.isInteger(value) && value > 0) continue;
      throw new TrainingError('E_BATCH', `${name} must be a whole number above 0, not ${value}.`);
    }
    this.#options = options;
    this.#source = createExampleSource(options);
    this.#step = firstStep;
    this.#ahead = Math.max(workers, options.ahead ?? 2 * workers);
    for (let i = 0; i < workers; i++) {
      const worker = new WorkerClient<RemixMethods>(workerUrl(import.meta.url, './remix-worker.js'));
      worker.call('open', { examples: options, batch }).catch((error: unknown) => this.#fail(error));
      this.#workers.push(worker);
    }
    this.#schedule();
  }

  /** Step of the batch that {@link nextBatch} gives next. */
  get step(): number {
    return this.#step;
  }

  /**
   * The next batch in order. One call at a time, or several: each gets its own step.
   *
   * @throws {TrainingError} when mixing failed or the loader was closed
   */
  async nextBatch(): Promise<TrainingBatch> {
    this.#throwIfUnusable();
    const start = performance.now();
    const step = this.#step++;
    const { batch: size, samples } = this.#options;
    const batch =
      this.#workers.length === 0 ? mixBatch(this.#source, step, size, samples) : await this.#fetch(step);
    this.#statistics.batches++;
    this.#statistics.mixMs += batch.mixMs;
    this.#statistics.waitMs += performance.now() - start;
    return batch;
  }

  /** Goes on from any step, forwards or back: what follows equals a run that came there by itself. */
  seek(step: number): void {
    this.#throwIfUnusable();
    this.#step = step;
    this.#schedule();
  }

  /** Counts since the loader was made. */
  statistics(): LoaderStatistics {
    return { ...this.#statistics };
  }

  /** Ends the threads. Waiting callers get an error; further calls do nothing. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#rejectAll(
      new TrainingError('E_LOADER_CLOSED', 'The batch loader was closed while a batch was awaited.'),
    );
    await Promise.all(this.#workers.map((worker) => worker.stop()));
  }

  async #fetch(step: number): Promise<TrainingBatch> {
    const pending = this.#request(step);
    pending.claimed = true;
    this.#schedule();
    const batch = await pending.promise;
    this.#pending.delete(step);
    return batch;
  }

  /** Keeps the coming steps in work, and forgets batches that a seek left behind. */
  #schedule(): void {
    if (this.#workers.length === 0) return;
    for (const [step, pending] of this.#pending) {
      const coming = step >= this.#step && step < this.#step + this.#ahead;
      if (!coming && !pending.claimed) this.#pending.delete(step);
    }
    for (let step = this.#step; step < this.#step + this.#ahead; step++) this.#request(step);
  }

  #request(step: number): Pending {
    const known = this.#pending.get(step);
    if (known !== undefined) return known;
    const pending = new Pending();
    // A failure is reported to the next caller: a batch that nobody asked for must not end the process.
    pending.promise.catch(() => {});
    this.#pending.set(step, pending);
    this.#workers[step % this.#workers.length]
      .call('mix', step)
      .then(pending.resolve, (error: unknown) => this.#fail(error));
    return pending;
  }

  #fail(error: unknown): void {
    if (this.#closed) return;
    this.#failure ??=
      error instanceof TrainingError
        ? error
        : new TrainingError('E_LOADER', `Mixing training batches failed: ${(error as Error).message}`, {
            cause: error,
          });
    this.#rejectAll(this.#failure);
  }

  #rejectAll(error: TrainingError): void {
    for (const pending of this.#pending.values()) pending.reject(error);
    this.#pending.clear();
  }

  #throwIfUnusable(): void {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#closed) throw new TrainingError('E_LOADER_CLOSED', 'The batch loader is closed.');
  }
}
