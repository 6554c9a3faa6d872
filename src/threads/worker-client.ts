import { Worker } from 'node:worker_threads';
import { DenoiseError } from '../errors.js';
import { unpackError } from './error-transfer.js';
import './no-telemetry.js';
import {
  type Argument,
  type CallMessage,
  type FromWorker,
  type Outgoing,
  type Progress,
  postTogether,
  type Reply,
  type ToWorker,
  type WorkerMethods,
  type WorkerStart,
} from './protocol.js';

export interface WorkerClientOptions {
  /**
   * Makes the error that calls get once the thread is gone. Default: DenoiseError `E_WORKER_LOST`.
   * @param why such as `it ended with code 1`
   */
  lost?(why: string, cause?: unknown): Error;
}

export interface CallOptions<Progress> {
  /** Buffers that are handed over, not copied. */
  transfer?: readonly ArrayBuffer[];
  /** Called with everything that the worker tells before its reply, in order. */
  onProgress?(value: Progress): void;
  /** When it aborts, the worker sees it as `context.aborted`, also in the middle of blocking work. The call goes on. */
  signal?: AbortSignal;
}

interface Waiting {
  resolve(value: unknown): void;
  reject(error: unknown): void;
  onProgress: ((value: unknown) => void) | undefined;
  /** Stops listening to the caller's signal. */
  settled(): void;
}

/**
 * A worker thread with typed methods, as its caller sees it; `serveWorker` is the other side. The thread keeps the process
 * alive only while calls wait for their reply.
 */
export class WorkerClient<M extends WorkerMethods<M>> {
  readonly #worker: Worker;
  readonly #stopFlag = new SharedArrayBuffer(4);
  readonly #exited: Promise<void>;
  readonly #lost: (why: string, cause?: unknown) => Error;
  readonly #waiting = new Map<number, Waiting>();
  #outgoing: Outgoing<CallMessage>[] = [];
  #nextId = 0;
  #failure: Error | undefined;
  #running = true;

  /** @param url the worker's file: see `workerUrl` */
  constructor(url: URL, { lost = workerLost }: WorkerClientOptions = {}) {
    this.#lost = lost;
    const workerData: WorkerStart = { stop: this.#stopFlag };
    this.#worker = new Worker(url, { workerData });
    this.#worker.on('message', (messages: FromWorker) => this.#receive(messages));
    this.#worker.on('messageerror', (error) => this.#fail(this.#lost(error.message, error)));
    this.#worker.on('error', (error) => this.#fail(this.#lost(error.message, error)));
    this.#exited = new Promise((resolve) => {
      this.#worker.once('exit', (code) => {
        this.#running = false;
        this.#fail(this.#lost(`it ended with code ${code}`));
        resolve();
      });
    });
    this.#worker.unref();
  }

  /** False once the thread has ended. */
  get running(): boolean {
    return this.#running;
  }

  /** Settles when the thread has ended, for whatever reason. */
  get exited(): Promise<void> {
    return this.#exited;
  }

  /** Calls a method of the worker. Rejects with what the method threw, in its class, or with `lost` when the thread is gone. */
  call<K extends keyof M>(
    method: K,
    argument: Argument<M, K>,
    { transfer = [], onProgress, signal }: CallOptions<Progress<M, K>> = {},
  ): Promise<Reply<M, K>> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    return new Promise<unknown>((resolve, reject) => {
      const id = this.#nextId++;
      const { abort, settled } = sharedAbort(signal);
      if (this.#waiting.size === 0) this.#worker.ref();
      this.#waiting.set(id, {
        resolve,
        reject,
        onProgress: onProgress as ((value: unknown) => void) | undefined,
        settled,
      });
      this.#outgoing.push({ message: { id, method, argument, abort }, transfer });
      if (this.#outgoing.length === 1) queueMicrotask(this.#flush);
    }) as Promise<Reply<M, K>>;
  }

  /**
   * Ends the thread after the calls that it is at; all that wait are rejected now. It is never terminated from outside: inside
   * onnxruntime that would end the whole process, because the binding throws where JavaScript can no longer run.
   *
   * @param error what waiting and later calls get. Default: `lost` with "it was stopped"
   */
  async stop(error: Error = this.#lost('it was stopped')): Promise<void> {
    this.#fail(error);
    if (!this.#running) return;
    Atomics.store(new Int32Array(this.#stopFlag), 0, 1);
    this.#worker.ref();
    this.#worker.postMessage('stop' satisfies ToWorker);
    await this.#exited;
  }

  /** Lets the process end although the thread does not: for one that hangs in native code. */
  abandon(): void {
    this.#fail(this.#lost('it hangs'));
    this.#worker.unref();
  }

  readonly #flush = (): void => {
    const outgoing = this.#outgoing;
    this.#outgoing = [];
    if (this.#failure !== undefined) return;
    postTogether<CallMessage>(
      (messages, transfer) => this.#worker.postMessage(messages satisfies ToWorker, transfer),
      outgoing,
      ({ id }, error) => this.#settle(id)?.reject(error),
    );
  };

  #receive(messages: FromWorker): void {
    for (const message of messages) {
      if (message.kind === 'progress') this.#waiting.get(message.id)?.onProgress?.(message.value);
      else if (message.kind === 'reply') this.#settle(message.id)?.resolve(message.value);
      else this.#settle(message.id)?.reject(unpackError(message.error));
    }
  }

  #settle(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id);
    if (!this.#waiting.delete(id)) return undefined;
    if (this.#waiting.size === 0) this.#worker.unref();
    waiting?.settled();
    return waiting;
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    for (const id of [...this.#waiting.keys()]) this.#settle(id)?.reject(this.#failure);
  }
}

function workerLost(why: string, cause?: unknown): DenoiseError {
  return new DenoiseError('E_WORKER_LOST', `A worker thread is gone: ${why}.`, { cause });
}

/** The signal as memory that the thread can read. */
function sharedAbort(signal: AbortSignal | undefined): {
  abort: SharedArrayBuffer | undefined;
  settled(): void;
} {
  if (signal === undefined) return { abort: undefined, settled: () => {} };
  const abort = new SharedArrayBuffer(4);
  const raise = (): void => void Atomics.store(new Int32Array(abort), 0, 1);
  if (signal.aborted) raise();
  else signal.addEventListener('abort', raise, { once: true });
  return { abort, settled: () => signal.removeEventListener('abort', raise) };
}
