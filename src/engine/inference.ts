import { ModelError, toDenoiseError } from '../errors.js';
import { type ChosenDevice, deviceAbsent } from './device.js';
import { HopScheduler } from './hop-scheduler.js';
import { ModelSessions, type ModelShape } from './model-sessions.js';
import { StateArena } from './state-arena.js';

/** What a `Model` asks of what computes for it. Streams are numbered by the model; audio is whole hops. */
export interface InferenceMethods {
  load(request: LoadRequest): void;
  open(stream: number): void;
  run(request: StreamAudio): CleanAudio;
  /** Lets a stream hear audio whose clean samples nobody wants. */
  warm(request: StreamAudio): { milliseconds: number };
  reset(stream: number): void;
  /** Opens `as`, which goes on from where `stream` is. Not while audio of `stream` is under way. */
  clone(request: { stream: number; as: number }): void;
  close(stream: number): void;
}

export interface LoadRequest {
  /** Bytes of the checkpoint. */
  model: Uint8Array;
  shape: ModelShape;
  device: ChosenDevice;
  /** Execution provider of onnxruntime. */
  provider: string;
  /** Threads inside one operator. */
  threads: number;
  /** Most streams in one run. */
  mostBatch: number | undefined;
}

export interface StreamAudio {
  stream: number;
  audio: Float32Array;
  /** See {@link StreamOptions}. */
  hopByHop?: boolean;
}

export interface CleanAudio {
  clean: Float32Array<ArrayBuffer>;
  /** Time of computing: of a batch, the stream's share. */
  milliseconds: number;
}

/** A model on the thread of its caller, which is blocked while a run lasts. */
export class Inference {
  private constructor(
    private readonly sessions: ModelSessions,
    private readonly scheduler: HopScheduler,
    private readonly arena: StateArena,
  ) {}

  #openStreams = 0;

  /**
   * @param defer see {@link HopScheduler}
   * @throws ModelError `E_MODEL_LOAD`; DeviceError `E_DEVICE_ABSENT`
   */
  static async load(request: LoadRequest, defer?: (work: () => void) => void): Promise<Inference> {
    const { model, shape, device, provider, threads, mostBatch } = request;
    const arena = new StateArena(ModelSessions.stateWidth(shape));
    try {
      const options = { providers: [provider], threads, ...(mostBatch !== undefined && { mostBatch }) };
      const sessions = await ModelSessions.load(model, shape, arena, options);
      return new Inference(sessions, new HopScheduler(sessions, defer), arena);
    } catch (error) {
      throw device === 'cpu' ? toDenoiseError(error, 'Loading the model') : deviceAbsent(device, error);
    }
  }

  open(stream: number): number {
    const row = this.arena.take();
    this.scheduler.open(stream, row);
    // Without the larger batch, the streams go through smaller ones.
    this.sessions.prepare(++this.#openStreams).catch(() => {});
    return row;
  }

  /** @param wanted false: only the state goes on */
  async run({ stream, audio, hopByHop }: StreamAudio, wanted: boolean): Promise<CleanAudio> {
    try {
      return await this.scheduler.run(stream, audio, wanted, hopByHop);
    } catch (error) {
      if (error instanceof ModelError) throw error;
      throw new ModelError('E_INFERENCE', `The model failed on this audio: ${(error as Error).message}`, {
        cause: error,
      });
    }
  }

  reset(stream: number): void {
    this.scheduler.whenDone(stream, (row) => this.arena.row(row).fill(0));
  }

  clone(stream: number, as: number): void {
    this.scheduler.whenDone(stream, (from) => {
      const to = this.open(as);
      this.arena.row(to).set(this.arena.row(from));
    });
  }

  close(stream: number): void {
    this.scheduler.close(stream, (row) => this.arena.give(row));
    this.#openStreams--;
  }

  /** Gives up everything but the run under way. */
  stop(error: Error): void {
    this.scheduler.stop(error);
  }
}
