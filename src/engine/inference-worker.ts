/** The thread that runs a model: `InferenceSession.run()` blocks, so that it must not be the one with the event loop. */
import { parentPort, workerData } from 'node:worker_threads';
import { toDenoiseError } from '../errors.js';
import { deviceAbsent } from './device.js';
import type {
  InferenceReply,
  InferenceRequest,
  InferenceWorkerData,
  StopRequest,
} from './inference-protocol.js';
import { createSession, floatTensor, type InferenceSession, type Tensor } from './runtime.js';

const data = workerData as InferenceWorkerData;
const port = parentPort!;
const reply = (message: InferenceReply, transfer: ArrayBuffer[] = []): void =>
  port.postMessage(message, transfer);

type StreamState = Map<string, Tensor>;

class InferenceThread {
  readonly #streams = new Map<number, StreamState>();

  constructor(
    /** Takes any number of hops. */
    private readonly anyLength: InferenceSession,
    /** Made for one hop: shapes are computed once, at load, which halves the time of a hop. */
    private readonly oneHop: InferenceSession,
  ) {}

  async handle(request: InferenceRequest): Promise<Float32Array | undefined> {
    switch (request.kind) {
      case 'open':
        this.#streams.set(request.stream, silence());
        return undefined;
      case 'reset':
        // In place: what has lived for seconds is freed by a full collection only, which may be a quarter of an hour away.
        for (const { data } of this.#state(request.stream).values()) (data as Float32Array).fill(0);
        return undefined;
      case 'clone':
        this.#streams.set(request.as, copyState(this.#state(request.stream)));
        return undefined;
      case 'close':
        this.#streams.delete(request.stream);
        return undefined;
      case 'run':
        return this.#run(request.stream, request.audio);
    }
  }

  async #run(stream: number, audio: Float32Array): Promise<Float32Array> {
    const state = this.#state(stream);
    const session = audio.length === data.hop ? this.oneHop : this.anyLength;
    const results = await session.run({
      audio: floatTensor(audio, [1, audio.length]),
      ...Object.fromEntries(state),
    });
    for (const { name } of data.states) state.set(name, results[`${name}.next`] as Tensor);
    const { clean } = results;
    // The runtime's memory may be reused after the next run.
    return Float32Array.from(clean.data as Float32Array);
  }

  #state(stream: number): StreamState {
    const state = this.#streams.get(stream);
    if (state === undefined) throw new Error(`stream ${stream} is closed`);
    return state;
  }
}

function silence(): StreamState {
  return new Map(
    data.states.map(({ name, shape }) => {
      const dims = [1, ...shape];
      return [name, floatTensor(new Float32Array(dims.reduce((a, b) => a * b, 1)), dims)];
    }),
  );
}

const copyState = (state: StreamState): StreamState =>
  new Map(
    [...state].map(([name, t]) => [name, floatTensor(Float32Array.from(t.data as Float32Array), t.dims)]),
  );

async function start(): Promise<InferenceThread> {
  const { model, provider, threads, hop, audioDims } = data;
  const sizes: Record<string, number> = {};
  const [batch, time] = audioDims;
  if (typeof batch === 'string') sizes[batch] = 1;
  const options = { providers: [provider], threads };
  const anyLength = await createSession(model, { ...options, sizes });
  if (typeof time === 'number') return new InferenceThread(anyLength, anyLength);
  const oneHop = await createSession(model, { ...options, sizes: { ...sizes, [time]: hop } });
  return new InferenceThread(anyLength, oneHop);
}

try {
  const thread = await start();
  // One at a time, in order: a request begun while another awaits the runtime would see half a state.
  let last: Promise<void> = Promise.resolve();
  port.on('message', (request: InferenceRequest | StopRequest) => {
    last = last.then(async () => {
      if (request.kind === 'stop') {
        port.close();
        return;
      }
      const started = performance.now();
      try {
        const clean = await thread.handle(request);
        reply(
          { id: request.id, kind: 'done', clean, milliseconds: performance.now() - started },
          clean ? [clean.buffer as ArrayBuffer] : [],
        );
      } catch (error) {
        reply({ id: request.id, kind: 'failed', message: (error as Error).message });
      }
    });
  });
  reply({ kind: 'ready' });
} catch (error) {
  const known =
    data.device === 'cpu' ? toDenoiseError(error, 'Loading the model') : deviceAbsent(data.device, error);
  reply({ kind: 'refused', code: known.code, message: known.message, hint: known.hint });
}
