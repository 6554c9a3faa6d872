/** The thread that runs a model: `InferenceSession.run()` blocks, so that it must not be the one with the event loop. */
import { ModelError, toDenoiseError } from '../errors.js';
import { serveWorker, Transferred } from '../threads/serve.js';
import { type ChosenDevice, deviceAbsent } from './device.js';
import { HopScheduler } from './hop-scheduler.js';
import { ModelSessions, type ModelShape } from './model-sessions.js';
import { StateArena } from './state-arena.js';

/** What a `Model` asks of its threads. Streams are numbered by the model; audio is whole hops. */
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
}

export interface StreamAudio {
  stream: number;
  audio: Float32Array;
}

export interface CleanAudio {
  clean: Float32Array<ArrayBuffer>;
  /** Time of computing: of a batch, the stream's share. */
  milliseconds: number;
}

interface LoadedModel {
  sessions: ModelSessions;
  scheduler: HopScheduler;
  arena: StateArena;
  openStreams: number;
}

let loaded: LoadedModel | undefined;

function model(): LoadedModel {
  if (loaded === undefined) throw new ModelError('E_INFERENCE', 'The inference thread has no model yet.');
  return loaded;
}

function open(stream: number): number {
  const { arena, scheduler, sessions } = model();
  const row = arena.take();
  scheduler.open(stream, row);
  // Without the larger batch, the streams go through smaller ones.
  sessions.prepare(++model().openStreams).catch(() => {});
  return row;
}

async function run({ stream, audio }: StreamAudio, wanted: boolean) {
  try {
    return await model().scheduler.run(stream, audio, wanted);
  } catch (error) {
    if (error instanceof ModelError) throw error;
    throw new ModelError('E_INFERENCE', `The model failed on this audio: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

serveWorker<InferenceMethods>(
  {
    async load({ model, shape, device, provider, threads }) {
      const arena = new StateArena(ModelSessions.stateWidth(shape));
      try {
        const sessions = await ModelSessions.load(model, shape, arena, { providers: [provider], threads });
        loaded = { sessions, scheduler: new HopScheduler(sessions), arena, openStreams: 0 };
      } catch (error) {
        throw device === 'cpu' ? toDenoiseError(error, 'Loading the model') : deviceAbsent(device, error);
      }
    },
    open: (stream) => void open(stream),
    async run(request) {
      const { clean, milliseconds } = await run(request, true);
      return new Transferred({ clean, milliseconds }, [clean.buffer]);
    },
    async warm(request) {
      const { milliseconds } = await run(request, false);
      return { milliseconds };
    },
    reset: (stream) => model().scheduler.whenDone(stream, (row) => model().arena.row(row).fill(0)),
    clone: ({ stream, as }) =>
      model().scheduler.whenDone(stream, (from) => {
        const to = open(as);
        model().arena.row(to).set(model().arena.row(from));
      }),
    close(stream) {
      model().scheduler.close(stream, (row) => model().arena.give(row));
      model().openStreams--;
    },
  },
  () => loaded?.scheduler.stop(new ModelError('E_INFERENCE', 'The model was closed.')),
);
