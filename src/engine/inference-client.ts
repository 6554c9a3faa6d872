import { ModelError } from '../errors.js';
import type { Argument, Reply } from '../threads/protocol.js';
import { WorkerClient } from '../threads/worker-client.js';
import { workerUrl } from '../threads/worker-url.js';
import { Inference, type InferenceMethods } from './inference.js';

/** What computes for a `Model`: a thread, or the caller's own. */
export interface InferenceClient {
  call<K extends keyof InferenceMethods>(
    method: K,
    argument: Argument<InferenceMethods, K>,
    options?: { transfer?: readonly ArrayBuffer[] },
  ): Promise<Reply<InferenceMethods, K>>;
  /** Ends it; calls that wait, and later ones, get `error`. */
  stop(error?: Error): Promise<void>;
}

/** Computes in a thread. */
export function startInferenceThread(): InferenceClient {
  return new WorkerClient<InferenceMethods>(workerUrl(import.meta.url, './inference-worker.js'), {
    lost: inferenceGone,
  });
}

/** Computes where it is called, once the event loop has taken in everything that has come: no hand-over between threads. */
export class LocalInference implements InferenceClient {
  #inference: Inference | undefined;
  #stopped: Error | undefined;

  async call<K extends keyof InferenceMethods>(
    method: K,
    argument: Argument<InferenceMethods, K>,
  ): Promise<Reply<InferenceMethods, K>> {
    if (this.#stopped !== undefined) throw this.#stopped;
    return (await this.#methods[method](argument as never)) as Reply<InferenceMethods, K>;
  }

  async stop(error: Error = inferenceGone('it was stopped')): Promise<void> {
    this.#stopped = error;
    this.#inference?.stop(error);
  }

  readonly #methods: {
    [K in keyof InferenceMethods]: (argument: Argument<InferenceMethods, K>) => unknown;
  } = {
    load: async (request) => {
      this.#inference = await Inference.load(request, setImmediate);
    },
    open: (stream) => void this.#inference!.open(stream),
    run: (request) => this.#inference!.run(request, true),
    warm: (request) => this.#inference!.run(request, false),
    reset: (stream) => this.#inference!.reset(stream),
    clone: ({ stream, as }) => this.#inference!.clone(stream, as),
    close: (stream) => this.#inference!.close(stream),
  };
}

export function inferenceGone(why: string, cause?: unknown): ModelError {
  return new ModelError('E_INFERENCE', `The inference thread is gone: ${why}.`, { cause });
}
