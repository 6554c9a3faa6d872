import { DEFAULT_MODEL, readCheckpoint } from '../../models/catalogue.js';
import { type CheckpointInfo, inspectCheckpoint } from '../../models/checkpoint.js';
import { DenoiserStream } from './denoiser-stream.js';
import { type ChosenDevice, type Device, resolveDevice } from './device.js';
import { InferenceClient } from './inference-client.js';

export interface ModelOptions {
  /** Default `auto`. What was really chosen is {@link Model.device}. */
  device?: Device;
  /** Inference threads; streams are dealt out to them in turn. Default 1. */
  workers?: number;
  /** Threads inside one operator. Default 1: the shipped models are too small to gain from more. */
  threads?: number;
}

/**
 * Immutable weights, ready to run, shared by any number of streams. Loading the same file twice gives two independent
 * models.
 */
export class Model {
  #nextStream = 0;

  private constructor(
    readonly info: CheckpointInfo,
    /** What really computes. */
    readonly device: ChosenDevice,
    private readonly clients: readonly InferenceClient[],
  ) {}

  /**
   * @param nameOrPath a shipped model such as `base`, or the path of a checkpoint. Default: the best shipped one
   * @throws ModelError `E_NO_MODEL`, `E_CHECKPOINT_CORRUPT`, `E_CHECKPOINT_CONTRACT`, `E_MODEL_LOAD`
   * @throws DeviceError `E_DEVICE_ABSENT`
   */
  static async load(nameOrPath: string = DEFAULT_MODEL, options: ModelOptions = {}): Promise<Model> {
    return Model.fromBytes(await readCheckpoint(nameOrPath), options);
  }

  /** As {@link load}, from the bytes of a checkpoint. */
  static async fromBytes(bytes: Uint8Array, options: ModelOptions = {}): Promise<Model> {
    const { device: wanted = 'auto', workers = 1, threads = 1 } = options;
    const info = inspectCheckpoint(bytes);
    const { device, provider } = resolveDevice(wanted);
    const { hop, audioDims, states } = info;
    const workerData = { model: bytes, device, provider, threads, hop, audioDims, states };
    const started = await Promise.allSettled(
      Array.from({ length: workers }, () => InferenceClient.start(workerData)),
    );
    const clients = started.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
    const failed = started.find((result) => result.status === 'rejected');
    if (failed !== undefined) {
      await Promise.all(clients.map((client) => client.stop()));
      throw failed.reason;
    }
    return new Model(info, device, clients);
  }

  /** A stream that has heard nothing yet. */
  createStream(): DenoiserStream {
    const stream = this.#nextStream++;
    const client = this.clients[stream % this.clients.length];
    return new DenoiserStream(this.info, client, stream, () => this.#nextStream++);
  }

  /** Ends the threads; streams of this model fail from then on. */
  async close(): Promise<void> {
    await Promise.all(this.clients.map((client) => client.stop()));
  }
}
