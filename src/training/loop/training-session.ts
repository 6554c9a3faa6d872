import {
  createSession,
  floatTensor,
  type InferenceSession,
  type RuntimeOptions,
  type Tensor,
} from '../../engine/runtime.js';
import { TrainingError } from '../../errors.js';
import { DEFAULT_OPSET, toModel } from '../../graph/onnx/envelope.js';
import { writeOnnx } from '../../graph/onnx/write.js';
import { count, initialVector, type VariableSpec } from '../../nn/model-builder.js';
import { adamSchedule } from '../../nn/optimiser.js';
import type { ModelVariables } from '../../nn/streaming-graph.js';
import { type BuildLoss, type TrainingGraphOptions, trainingGraph } from '../../nn/training-graph.js';

/** Named inputs of one step: `[data, shape]`. */
export type Feeds = Readonly<Record<string, { data: Float32Array; dims: readonly number[] }>>;

export interface StepResult {
  loss: number;
  /** Global norm before clipping. */
  gradientNorm: number;
  /** What the task's graph gives besides. */
  outputs: Record<string, Float32Array>;
}

/** Everything a step changes. */
export interface OptimiserState extends ModelVariables {
  moment1: Float32Array;
  moment2: Float32Array;
  /** Adam steps made; its bias correction depends on it. */
  step: number;
}

const OWN_OUTPUTS = new Set([
  'accumulated.next',
  'weights.next',
  'moment1.next',
  'moment2.next',
  'buffers.next',
  'loss',
  'gradientNorm',
]);

/** Weights and optimiser in memory, and the graphs that move them by one step: one for each shape of the inputs. */
export class TrainingSession {
  #state: OptimiserState;
  /** Where the next step writes; swapped with the state after each, so that nothing is allocated per step. */
  #spare: OptimiserState;
  readonly #carried = new Map<string, { data: Float32Array; dims: readonly number[] }>();

  /** Sum of the gradients of the parts of a step; empty without accumulation. */
  readonly #accumulated: Float32Array;

  private constructor(
    private readonly sessions: readonly InferenceSession[],
    state: OptimiserState,
    /** There is dropout or noise. */
    readonly random: boolean,
    carried: readonly { name: string; dims: readonly number[] }[],
    private readonly parts: number,
  ) {
    this.#state = state;
    this.#spare = cloneState(state);
    this.#accumulated = new Float32Array(parts > 1 ? state.weights.length : 0);
    for (const { name, dims } of carried)
      this.#carried.set(name, { data: new Float32Array(count(dims)), dims });
  }

  /** @param builds one for each shape of the inputs; all declare the same weights in the same order */
  static async create(
    builds: BuildLoss | readonly BuildLoss[],
    specs: { weights: readonly VariableSpec[]; buffers: readonly VariableSpec[] },
    graphOptions: TrainingGraphOptions,
    { seed, ...runtime }: RuntimeOptions & { seed: number },
  ): Promise<TrainingSession> {
    const graphs = [builds].flat().map((buildLoss) => trainingGraph(buildLoss, specs, graphOptions));
    const sessions: InferenceSession[] = [];
    for (const graph of graphs)
      sessions.push(await createSession(writeOnnx(toModel(graph, DEFAULT_OPSET)), runtime));
    const weights = initialVector(specs.weights, seed);
    const state: OptimiserState = {
      weights,
      buffers: initialVector(specs.buffers, seed),
      moment1: new Float32Array(weights.length),
      moment2: new Float32Array(weights.length),
      step: 0,
    };
    const [{ inputs }] = graphs;
    const carried = inputs
      .filter(({ name }) => name.startsWith('state.'))
      .map(({ name, dims }) => ({ name, dims: dims as number[] }));
    const random = inputs.some(({ name }) => name === 'seed');
    return new TrainingSession(sessions, state, random, carried, graphOptions.accumulate ?? 1);
  }

  get state(): OptimiserState {
    return this.#state;
  }

  /** Number of weights. */
  get parameters(): number {
    return this.#state.weights.length;
  }

  /** A copy that later steps leave alone. */
  snapshot(): OptimiserState {
    return cloneState(this.#state);
  }

  /** @throws TrainingError `E_STATE_SIZE` when the state belongs to another model */
  restore(state: OptimiserState): void {
    if (state.weights.length !== this.parameters || state.buffers.length !== this.#state.buffers.length)
      throw new TrainingError(
        'E_STATE_SIZE',
        `The saved state has ${state.weights.length} weights and this model ${this.parameters}.`,
        { hint: 'Resume with the configuration that the run was started with.' },
      );
    this.#state = cloneState(state);
  }

  /** The recurrent state carried between steps; all zero after {@link clearCarried}. */
  get carried(): ReadonlyMap<string, { data: Float32Array; dims: readonly number[] }> {
    return this.#carried;
  }

  clearCarried(): void {
    for (const { data } of this.#carried.values()) data.fill(0);
  }

  /**
   * One step. A gradient that is not finite is not applied: the state stays as it was.
   * @param parts inputs of the step: as many as are accumulated, one by default
   * @param shape which of the graphs takes them
   */
  async step(
    parts: Feeds | readonly Feeds[],
    learningRate: number,
    weightDecay = 0,
    shape = 0,
  ): Promise<StepResult> {
    const next = this.#spare;
    const step = this.#state.step + 1;
    const size = [next.weights.length];
    const all = [parts].flat() as Feeds[];
    this.#accumulated.fill(0);
    let loss = 0;
    let results: InferenceSession.OnnxValueMapType = {};
    for (const [part, feeds] of all.entries()) {
      const inputs = this.#inputs(feeds, step, part);
      inputs.schedule = floatTensor(adamSchedule(step, learningRate, weightDecay), [3]);
      const fetches: Record<string, Tensor | null> = {};
      for (const name of this.sessions[shape].outputNames) fetches[name] = null;
      fetches['weights.next'] = floatTensor(next.weights, size);
      fetches['moment1.next'] = floatTensor(next.moment1, size);
      fetches['moment2.next'] = floatTensor(next.moment2, size);
      if (next.buffers.length > 0) fetches['buffers.next'] = floatTensor(next.buffers, [next.buffers.length]);
      results = await this.sessions[shape].run(inputs, fetches);
      loss += (results.loss.data as Float32Array)[0] / this.parts;
      if (part < this.parts - 1) this.#accumulated.set(results['accumulated.next'].data as Float32Array);
    }
    const numbers = (name: string): Float32Array => results[name].data as Float32Array;
    const gradientNorm = numbers('gradientNorm')[0];
    if (Number.isFinite(loss) && Number.isFinite(gradientNorm)) {
      next.step = step;
      this.#spare = this.#state;
      this.#state = next;
      for (const [name, { data }] of this.#carried) data.set(numbers(`${name}.next`));
    }
    const outputs: Record<string, Float32Array> = {};
    for (const name of this.sessions[shape].outputNames)
      if (!OWN_OUTPUTS.has(name) && !name.startsWith('state.')) outputs[name] = numbers(name);
    return { loss, gradientNorm, outputs };
  }

  #inputs(feeds: Feeds, step: number, part: number): Record<string, Tensor> {
    const { weights, moment1, moment2 } = this.#state;
    // Running statistics follow every part; the runtime writes into the spare ones while it reads these.
    const buffers = part === 0 ? this.#state.buffers : this.#spare.buffers.slice();
    const size = [weights.length];
    const inputs: Record<string, Tensor> = {
      weights: floatTensor(weights, size),
      moment1: floatTensor(moment1, size),
      moment2: floatTensor(moment2, size),
    };
    if (this.parts > 1) inputs.accumulated = floatTensor(this.#accumulated, size);
    if (buffers.length > 0) inputs.buffers = floatTensor(buffers, [buffers.length]);
    // Below 2²⁴ every whole number is a float: no two parts of a step draw the same dropout.
    if (this.random) inputs.seed = floatTensor(Float32Array.of((step * this.parts + part) % (1 << 20)), []);
    for (const [name, { data, dims }] of Object.entries(feeds)) inputs[name] = floatTensor(data, dims);
    for (const [name, { data, dims }] of this.#carried) inputs[name] = floatTensor(data, dims);
    return inputs;
  }

  async close(): Promise<void> {
    for (const session of this.sessions) await session.release();
  }
}

function cloneState({ weights, buffers, moment1, moment2, step }: OptimiserState): OptimiserState {
  return {
    weights: weights.slice(),
    buffers: buffers.slice(),
    moment1: moment1.slice(),
    moment2: moment2.slice(),
    step,
  };
}
