/** What {@link WorkerClient} and {@link serveWorker} say to each other, and how the methods of a worker are typed. */
import type { PackedError } from './error-transfer.js';

/** What a method is given besides its argument. */
export interface CallContext<Progress = never> {
  /** Tells the caller something before the reply. Posted at once, so that a handler that blocks its thread is heard. */
  progress(value: Progress, transfer?: readonly ArrayBuffer[]): void;
  /** True once the caller's `signal` has aborted or the worker is to stop. Can be read in the middle of blocking work. */
  readonly aborted: boolean;
}

/**
 * The methods of a worker: each takes one argument and perhaps a {@link CallContext}, and returns the reply or a promise of it.
 * Written once as an interface that both threads import as a type.
 */
export type WorkerMethods<M> = { [K in keyof M]: (argument: never, context: never) => unknown };

export type Argument<M extends WorkerMethods<M>, K extends keyof M> = Parameters<M[K]>[0];
export type Reply<M extends WorkerMethods<M>, K extends keyof M> = Awaited<ReturnType<M[K]>>;
export type Progress<M extends WorkerMethods<M>, K extends keyof M> =
  Parameters<M[K]> extends [unknown, CallContext<infer P>] ? P : never;

/** What the thread is started with. */
export interface WorkerStart {
  /** One Int32, 1 once the thread is to stop: calls that wait in its queue are then no longer begun. */
  stop: SharedArrayBuffer;
}

export interface CallMessage {
  id: number;
  method: PropertyKey;
  argument: unknown;
  /** One Int32, 1 once the caller's signal has aborted. Shared, because a thread inside a blocking call reads no messages. */
  abort: SharedArrayBuffer | undefined;
}

/** Calls made in one turn of the event loop travel together: a message costs as much as a small call itself. */
export type ToWorker = CallMessage[] | 'stop';

export type ReplyMessage =
  | { id: number; kind: 'reply'; value: unknown }
  | { id: number; kind: 'progress'; value: unknown }
  | { id: number; kind: 'error'; error: PackedError };

export type FromWorker = ReplyMessage[];

/** A message and the buffers that go with it. */
export interface Outgoing<T> {
  message: T;
  transfer: readonly ArrayBuffer[];
}

/**
 * Posts messages together, or one by one when one of them cannot be cloned.
 * @param refuse told of each message that cannot be posted
 */
export function postTogether<T>(
  post: (messages: T[], transfer: ArrayBuffer[]) => void,
  outgoing: readonly Outgoing<T>[],
  refuse: (message: T, error: unknown) => void,
): void {
  try {
    post(
      outgoing.map(({ message }) => message),
      outgoing.flatMap(({ transfer }) => transfer),
    );
  } catch (error) {
    if (outgoing.length === 1) refuse(outgoing[0].message, error);
    else for (const one of outgoing) postTogether(post, [one], refuse);
  }
}
