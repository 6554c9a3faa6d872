import { Worker } from 'node:worker_threads';
import { DeviceError, ModelError } from '../errors.js';
import { workerUrl } from '../threads/worker-url.js';
import type {
  InferenceReply,
  InferenceRequest,
  InferenceWorkerData,
  StopRequest,
} from './inference-protocol.js';

type Without<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

interface Waiting {
  resolve(result: { clean: Float32Array | undefined; milliseconds: number }): void;
  reject(error: Error): void;
}

/** One inference thread as seen from the event loop. */
export class InferenceClient {
  readonly #waiting = new Map<number, Waiting>();
  #nextId = 0;
  #failure: ModelError | undefined;
  #exited = false;

  private constructor(private readonly worker: Worker) {
    worker.on('message', (reply: InferenceReply) => this.#receive(reply));
    worker.on('error', (error) => this.#fail(error.message));
    worker.on('exit', (code) => {
      this.#exited = true;
      this.#fail(`it ended with code ${code}`);
    });
    // An idle model must not keep the program alive.
    worker.unref();
  }

  /** @throws ModelError when the model cannot be loaded, DeviceError `E_DEVICE_ABSENT` when the device cannot be used */
  static async start(workerData: InferenceWorkerData): Promise<InferenceClient> {
    const worker = new Worker(workerUrl(import.meta.url, './inference-worker.js'), { workerData });
    const first = await new Promise<InferenceReply>((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
    });
    if (first.kind !== 'refused') return new InferenceClient(worker);
    await worker.terminate();
    const { code, message, hint } = first;
    throw code.startsWith('E_DEVICE')
      ? new DeviceError(code, message, { hint })
      : new ModelError(code, message, { hint });
  }

  /** Sends a request; `audio` is handed over, not copied. @throws ModelError `E_INFERENCE` */
  request(
    request: Without<InferenceRequest, 'id'>,
  ): Promise<{ clean: Float32Array | undefined; milliseconds: number }> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      if (this.#waiting.size === 0) this.worker.ref();
      this.#waiting.set(id, { resolve, reject });
      const transfer = request.kind === 'run' ? [request.audio.buffer as ArrayBuffer] : [];
      this.worker.postMessage({ ...request, id }, transfer);
    });
  }

  /**
   * Ends the thread after the request that it is at. Terminating it inside the runtime would end the whole process: the
   * runtime's binding throws where JavaScript can no longer run.
   */
  async stop(): Promise<void> {
    this.#fail('the model was closed');
    if (this.#exited) return;
    const exited = new Promise<void>((resolve) => {
      this.worker.once('exit', () => resolve());
    });
    this.worker.ref();
    this.worker.postMessage({ kind: 'stop' } satisfies StopRequest);
    await exited;
  }

  #receive(reply: InferenceReply): void {
    if (reply.kind === 'ready' || reply.kind === 'refused') return;
    const waiting = this.#waiting.get(reply.id);
    if (waiting === undefined) return;
    this.#waiting.delete(reply.id);
    if (this.#waiting.size === 0) this.worker.unref();
    if (reply.kind === 'done') waiting.resolve({ clean: reply.clean, milliseconds: reply.milliseconds });
    else waiting.reject(new ModelError('E_INFERENCE', `The model failed on this audio: ${reply.message}`));
  }

  #fail(why: string): void {
    this.#failure ??= new ModelError('E_INFERENCE', `The inference thread is gone: ${why}.`);
    for (const { reject } of this.#waiting.values()) reject(this.#failure);
    this.#waiting.clear();
  }
}
