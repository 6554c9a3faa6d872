import { Checkpoint, type CheckpointInfo } from '../../models/checkpoint.js';
import { type ModelRole, type OpenedModel, openModel } from '../../models/open-model.js';
import type { ModelUse } from '../../models/use.js';
import { ModelError } from '../errors.js';
import { DenoiserStream, type StreamOptions } from './denoiser-stream.js';
import { type ChosenDevice, type Device, resolveDevice } from './device.js';
import {
  type InferenceClient,
  inferenceGone,
  LocalInference,
  startInferenceThread,
} from './inference-client.js';

export interface ModelOptions {
  /** Default `auto`. What was really chosen is {@link Model.device}. */
  device?: Device;
  /**
   * Inference threads; streams are dealt out to them in turn. Default 1. With 0 the caller's own thread computes, and handles
   * no events meanwhile (up to 2 ms for 32 hops of `base`): for processes that serve many streams with one core.
   */
  workers?: number;
  /** Threads inside one operator. Default 1: the shipped models are too small to gain from more. */
  threads?: number;
  /** Most streams whose hops go through the model together, 1 … 32, made ready at once. Default 32, made ready as streams open. */
  mostBatch?: number;
}

export interface LoadModelOptions extends ModelOptions {
  /** Whose champion is loaded where no model is named; default `speech`. */
  use?: ModelUse;
  /** Ends the reading of the file; its reason is thrown. */
  signal?: AbortSignal | undefined;
}

/**
 * Immutable weights, ready to run, shared by any number of streams: hops of different streams that are ready together go
 * through the model together, and each stream gets what it would get alone. Loading the same file twice gives two
 * independent models.
 *
 * A model counts its users. Whoever loads it is the first; {@link retain} adds one, {@link release} takes one away, and the
 * model is closed when none is left. {@link close} does not ask.
 */
export class Model {
  #nextStream = 0;
  #users = 1;

  private constructor(
    readonly info: CheckpointInfo,
    /** What people know it by; empty where it came as bytes without a name. */
    readonly name: string,
    /** How it was found. */
    readonly role: ModelRole,
    /** What really computes. */
    readonly device: ChosenDevice,
    private readonly workers: readonly InferenceClient[],
  ) {}

  /**
   * @param asked a shipped model such as `base`, the path of a checkpoint or of a run folder, `radio/champion`, or the first
   *   digits of a version. Default: the champion of the use if one was promoted, else the shipped model of the use
   * @throws ModelError `E_NO_MODEL`, `E_CHECKPOINT_CORRUPT`, `E_CHECKPOINT_CONTRACT`, `E_MODEL_LOAD`
   * @throws DeviceError `E_DEVICE_ABSENT`
   */
  static async load(asked?: string, options: LoadModelOptions = {}): Promise<Model> {
    const { use, signal, ...rest } = options;
    return Model.fromOpened(await openModel(asked, { ...(use && { use }), signal }), rest);
  }

  /** As {@link load}, from the bytes of a checkpoint. */
  static async fromBytes(bytes: Uint8Array, options: ModelOptions = {}): Promise<Model> {
    const checkpoint = Checkpoint.parse(bytes);
    return Model.fromOpened({ checkpoint, name: checkpoint.info.name, role: 'file' }, options);
  }

  /** As {@link load}, from what {@link openModel} found. */
  static async fromOpened(opened: OpenedModel, options: ModelOptions = {}): Promise<Model> {
    const { device: wanted = 'auto', workers: count = 1, threads = 1, mostBatch } = options;
    const { bytes, info } = opened.checkpoint;
    const { hop, audioDims, states } = info;
    const request = {
      ...{ model: bytes, shape: { hop, audioDims, states } },
      ...resolveDevice(wanted),
      threads,
      mostBatch,
    };
    const workers =
      count === 0 ? [new LocalInference()] : Array.from({ length: count }, startInferenceThread);
    try {
      await Promise.all(workers.map((worker) => worker.call('load', request)));
    } catch (error) {
      await Promise.all(workers.map((worker) => worker.stop()));
      throw error;
    }
    return new Model(info, opened.name, opened.role, request.device, workers);
  }

  /** A stream that has heard nothing yet. Cheap: a row in the memory of a thread, until the stream is closed. */
  createStream(options: StreamOptions = {}): DenoiserStream {
    const stream = this.#nextStream++;
    const worker = this.workers[stream % this.workers.length];
    return new DenoiserStream(this.info, worker, stream, () => this.#nextStream++, options);
  }

  /** Adds a user. @throws ModelError `E_MODEL_CLOSED` when the last one has gone */
  retain(): this {
    if (this.#users === 0)
      throw new ModelError('E_MODEL_CLOSED', 'This model was closed and cannot be used any more.', {
        hint: 'Load it again.',
      });
    this.#users++;
    return this;
  }

  /** Takes a user away; the last one closes the model. More calls than users do nothing. */
  async release(): Promise<void> {
    if (this.#users > 0 && --this.#users === 0) await this.close();
  }

  /** Ends the threads; streams of this model fail from then on, whoever uses them. */
  async close(): Promise<void> {
    this.#users = 0;
    await Promise.all(this.workers.map((worker) => worker.stop(inferenceGone('the model was closed'))));
  }
}
