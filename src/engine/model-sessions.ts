import { hopGraph } from '../../models/hop-graph.js';
import { ModelError } from '../errors.js';
import { Random } from '../random.js';
import type { HopRunner, RunPart } from './hop-scheduler.js';
import {
  createSession,
  floatTensor,
  type InferenceSession,
  type RuntimeOptions,
  type Tensor,
} from './runtime.js';
import { StateArena } from './state-arena.js';

/** What of a checkpoint decides how it is run. */
export interface ModelShape {
  /** Samples. */
  hop: number;
  /** Names of the free axes of `audio`, batch and time; a number where the axis is fixed. */
  audioDims: readonly (number | string)[];
  states: readonly { name: string; shape: readonly number[] }[];
}

export interface SessionOptions extends RuntimeOptions {
  /** Most streams in one run, at most 32. Default 32. */
  mostBatch?: number;
}

/**
 * Batches for which sessions are made. Above 32 a hop of `base` gets no cheaper (174 µs alone, 64 in batches of 8, 57 of 32, 68
 * of 64), and the first of the batch waits for the last.
 */
const BATCH_SIZES = [1, 2, 4, 8, 16, 32];

/**
 * Most hops of one stream in one run. Long enough that a run's own cost does not count, and short enough that a live hop does
 * not wait for longer than a hop lasts.
 */
const MOST_HOPS = 16;

/** Hops of noise on which a graph built anew must agree with the file's: enough for what is remembered to be heard. */
const TRIAL_HOPS = 8;
/** Largest difference of a sample, full scale ±1: two orders of the same sums differ by some 1e-6. */
const TRIAL_TOLERANCE = 1e-4;

const size = (shape: readonly number[]): number => shape.reduce((product, dim) => product * dim, 1);

/**
 * The sessions of a model on one thread, and the memory that their runs use again and again: a session for single hops of
 * every batch size, whose shapes are computed once, at load, and one for many hops of one stream.
 */
export class ModelSessions implements HopRunner {
  readonly hop: number;
  readonly mostHops: number;
  readonly batchSizes: number[] = [];
  readonly #hopSessions: Session[] = [];
  #making: Promise<void> = Promise.resolve();
  /** False once a graph built anew was found to differ from the file's. */
  #rebuilds = true;

  private constructor(
    private readonly model: Uint8Array,
    private readonly shape: ModelShape,
    private readonly arena: StateArena,
    private readonly options: SessionOptions,
    private readonly longSession: Session,
  ) {
    this.hop = shape.hop;
    this.mostHops = typeof shape.audioDims[1] === 'number' ? 1 : MOST_HOPS;
  }

  /** Numbers in the state of one stream. */
  static stateWidth({ states }: ModelShape): number {
    return states.reduce((total, { shape }) => total + size(shape), 0);
  }

  /** @throws ModelError `E_MODEL_LOAD` */
  static async load(
    model: Uint8Array,
    shape: ModelShape,
    arena: StateArena,
    options: SessionOptions,
  ): Promise<ModelSessions> {
    const [batch] = shape.audioDims;
    const sizes = typeof batch === 'string' ? { [batch]: 1 } : {};
    const long = new Session(await createSession(model, { ...options, sizes }), shape, 1);
    const sessions = new ModelSessions(model, shape, arena, options, long);
    // Asked for by a server: its first clients are not to wait while sessions are made.
    await sessions.prepare(options.mostBatch ?? 1);
    return sessions;
  }

  /**
   * Makes the sessions for batches of up to `streams`. Each blocks the thread once for some 50 ms, so that they are made as
   * streams are opened, not at load.
   */
  prepare(streams: number): Promise<void> {
    this.#making = this.#making.then(() => this.#make(streams));
    return this.#making;
  }

  async #make(streams: number): Promise<void> {
    const [batch, time] = this.shape.audioDims;
    const { mostBatch = Number.POSITIVE_INFINITY } = this.options;
    const wanted = BATCH_SIZES.filter((size) => size <= Math.min(streams, mostBatch));
    for (const batchSize of wanted.slice(this.batchSizes.length)) {
      if (batchSize > 1 && typeof batch === 'number') return;
      const sizes: Record<string, number> = {};
      if (typeof batch === 'string') sizes[batch] = batchSize;
      if (typeof time === 'string') sizes[time] = this.hop;
      this.#hopSessions.push(await this.#hopSession(batchSize, sizes));
      this.batchSizes.push(batchSize);
    }
  }

  async #hopSession(batchSize: number, sizes: Record<string, number>): Promise<Session> {
    const own = this.#rebuilds ? hopGraph(this.model, batchSize) : undefined;
    if (own === undefined)
      return new Session(await createSession(this.model, { ...this.options, sizes }), this.shape, batchSize);
    const states = [{ name: 'state', shape: [ModelSessions.stateWidth(this.shape)] }];
    const session = new Session(await createSession(own, this.options), { ...this.shape, states }, batchSize);
    if (batchSize > 1 || (await this.#agrees(session))) return session;
    this.#rebuilds = false;
    return this.#hopSession(batchSize, sizes);
  }

  /**
   * Whether a graph that was built anew computes what the file does. The file may come from another version of its family
   * that names its states alike; then the file is right.
   */
  async #agrees(rebuilt: Session): Promise<boolean> {
    const trial = new StateArena(ModelSessions.stateWidth(this.shape));
    const ownRow = trial.take();
    const rebuiltRow = trial.take();
    const random = new Random(1);
    for (let n = 0; n < TRIAL_HOPS; n++) {
      const input = Float32Array.from({ length: this.hop }, () => 0.1 * random.normal());
      const own = new Float32Array(this.hop);
      const other = new Float32Array(this.hop);
      await this.longSession.run([{ row: ownRow, input, output: own }], trial);
      await rebuilt.run([{ row: rebuiltRow, input, output: other }], trial);
      if (own.some((value, i) => !(Math.abs(value - other[i]) <= TRIAL_TOLERANCE))) return false;
    }
    return true;
  }

  async run(parts: readonly RunPart[]): Promise<(Error | undefined)[]> {
    const oneHop = parts[0].input.length === this.hop;
    const fitting = this.batchSizes.findIndex((batch) => batch >= parts.length);
    const session = oneHop ? this.#hopSessions[fitting] : this.longSession;
    return session.run(parts, this.arena);
  }
}

/** A session for one batch size. */
class Session {
  readonly #before: StateTensor[];
  readonly #after: StateTensor[];
  #audio: Tensor;
  #clean: Tensor;
  readonly #feeds: Record<string, Tensor>;
  readonly #fetches: Record<string, Tensor>;

  constructor(
    private readonly session: InferenceSession,
    { hop, states }: ModelShape,
    private readonly batch: number,
  ) {
    const tensors = (suffix: string): StateTensor[] =>
      states.map(({ name, shape }) => {
        const dims = [batch, ...shape];
        const values = new Float32Array(size(dims));
        return { name: `${name}${suffix}`, width: size(shape), values, tensor: floatTensor(values, dims) };
      });
    this.#before = tensors('');
    this.#after = tensors('.next');
    const named = (list: readonly StateTensor[]) => list.map(({ name, tensor }) => [name, tensor]);
    [this.#audio, this.#clean] = this.#audioTensors(hop);
    this.#feeds = { audio: this.#audio, ...Object.fromEntries(named(this.#before)) };
    this.#fetches = { clean: this.#clean, ...Object.fromEntries(named(this.#after)) };
  }

  /** See {@link HopRunner.run}. */
  async run(parts: readonly RunPart[], arena: StateArena): Promise<(Error | undefined)[]> {
    const samples = parts[0].input.length;
    if (this.#audio.dims[1] !== samples) {
      [this.#audio, this.#clean] = this.#audioTensors(samples);
      this.#feeds.audio = this.#audio;
      this.#fetches.clean = this.#clean;
    }
    parts.forEach(({ row, input }, i) => {
      (this.#audio.data as Float32Array).set(input, i * samples);
      let at = 0;
      const state = arena.row(row);
      for (const { values, width } of this.#before) {
        values.set(state.subarray(at, at + width), i * width);
        at += width;
      }
    });
    await this.session.run(this.#feeds, this.#fetches);
    const clean = this.#clean.data as Float32Array;
    return parts.map(({ row, output }, i) => {
      const part = clean.subarray(i * samples, (i + 1) * samples);
      output?.set(part);
      let at = 0;
      const state = arena.row(row);
      for (const { values, width } of this.#after) {
        state.set(values.subarray(i * width, (i + 1) * width), at);
        at += width;
      }
      return allFinite(part) ? undefined : outputNotFinite();
    });
  }

  #audioTensors(samples: number): [Tensor, Tensor] {
    const make = (): Tensor => floatTensor(new Float32Array(this.batch * samples), [this.batch, samples]);
    return [make(), make()];
  }
}

interface StateTensor {
  name: string;
  /** Numbers of one stream. */
  width: number;
  values: Float32Array;
  tensor: Tensor;
}

function outputNotFinite(): ModelError {
  return new ModelError('E_MODEL_OUTPUT', 'The model gave samples that are NaN or infinite.', {
    hint: 'Its weights are damaged, or its training diverged: use another model.',
  });
}

/** Times zero, a finite number is zero, and everything else is NaN, which stays in a sum: no branch per sample. */
function allFinite(values: Float32Array): boolean {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += 0 * values[i];
  return sum === 0;
}
