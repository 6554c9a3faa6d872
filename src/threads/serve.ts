import { parentPort, workerData } from 'node:worker_threads';
import { DenoiseError } from '../errors.js';
import { packError } from './error-transfer.js';
import {
  type Argument,
  type CallContext,
  type CallMessage,
  type Outgoing,
  type Progress,
  postTogether,
  type Reply,
  type ReplyMessage,
  type ToWorker,
  type WorkerMethods,
  type WorkerStart,
} from './protocol.js';

/** A reply whose buffers are handed over, not copied. */
export class Transferred<T> {
  constructor(
    readonly value: T,
    readonly buffers: readonly ArrayBuffer[],
  ) {}
}

type Handlers<M extends WorkerMethods<M>> = {
  [K in keyof M]: (
    argument: Argument<M, K>,
    context: CallContext<Progress<M, K>>,
  ) => Reply<M, K> | Transferred<Reply<M, K>> | Promise<Reply<M, K> | Transferred<Reply<M, K>>>;
};

type Handler = (argument: unknown, context: CallContext<unknown>) => unknown;

/**
 * Serves the calls of a `WorkerClient` on the other side of this thread. A handler begins as soon as its call is read, in
 * the order of the calls; several may be under way where they await something.
 *
 * When the client stops the worker, calls under way are finished, calls that wait are dropped, and the thread ends by itself.
 *
 * @param onStop called once when the client stops the worker: to give up what handlers have queued
 * @throws DenoiseError `E_NOT_A_WORKER` outside a thread that a `WorkerClient` started
 */
export function serveWorker<M extends WorkerMethods<M>>(handlers: Handlers<M>, onStop?: () => void): void {
  const port = parentPort;
  const { stop } = (workerData ?? {}) as Partial<WorkerStart>;
  if (port === null || stop === undefined)
    throw new DenoiseError(
      'E_NOT_A_WORKER',
      'This module serves a worker thread and was loaded outside one.',
    );
  const stopped = new Int32Array(stop);
  const underWay = new Set<Promise<void>>();
  let outgoing: Outgoing<ReplyMessage>[] = [];

  const flush = (): void => {
    const now = outgoing;
    outgoing = [];
    if (now.length === 0) return;
    postTogether<ReplyMessage>(
      (messages, transfer) => port.postMessage(messages, transfer),
      now,
      ({ id }, error) => port.postMessage([{ id, kind: 'error', error: packError(error) }]),
    );
  };
  /** Replies made in one turn travel together. */
  const send = (message: ReplyMessage, transfer: readonly ArrayBuffer[] = []): void => {
    outgoing.push({ message, transfer });
    if (outgoing.length === 1) queueMicrotask(flush);
  };

  const answer = async ({ id, method, argument, abort }: CallMessage): Promise<void> => {
    const aborted = abort && new Int32Array(abort);
    const context: CallContext<unknown> = {
      progress(value, transfer) {
        send({ id, kind: 'progress', value }, transfer);
        flush();
      },
      get aborted() {
        return Atomics.load(stopped, 0) !== 0 || (aborted !== undefined && Atomics.load(aborted, 0) !== 0);
      },
    };
    try {
      const result = await (handlers[method as keyof M] as Handler)(argument, context);
      if (result instanceof Transferred) send({ id, kind: 'reply', value: result.value }, result.buffers);
      else send({ id, kind: 'reply', value: result });
    } catch (error) {
      send({ id, kind: 'error', error: packError(error) });
    }
  };

  port.on('message', async (message: ToWorker) => {
    if (message === 'stop') {
      onStop?.();
      await Promise.all(underWay);
      flush();
      port.close();
      return;
    }
    for (const call of message) {
      if (Atomics.load(stopped, 0) !== 0) return;
      const done = answer(call).finally(() => underWay.delete(done));
      underWay.add(done);
    }
  });
}
