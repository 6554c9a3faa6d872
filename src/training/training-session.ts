import {
  createSession,
  floatTensor,
  type InferenceSession,
  type RuntimeOptions,
  type Tensor,
} from '../engine/runtime.js';
import { TrainingError } from '../errors.js';
import { count, initialVector, type VariableSpec } from '../graph/model-builder.js';
import { DEFAULT_OPSET, toModel } from '../graph/onnx/envelope.js';
import { writeOnnx } from '../graph/onnx/write.js';
import { adamSchedule } from '../graph/optimiser.js';
import type { ModelVariables } from '../graph/streaming-graph.js';
import { type LayLoss, type TrainingGraphOptions, trainingGraph } from '../graph/training-graph.js';

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
  'weights.next',
  'moment1.next',
  'moment2.next',
  'buffers.next',
  'loss',
  'gradientNorm',
]);

/** Weights and optimiser in memory, and the graph that moves them by one step. */
export class TrainingSession {
  #state: OptimiserState;
  /** Where the next step writes; swapped with the state after each, so that nothing is allocated per step. */
  #spare: OptimiserState;
  readonly #carried = new Map<string, { data: Float32Array; dims: readonly number[] }>();

  private constructor(
    private readonly session: InferenceSession,
    state: OptimiserState,
    private readonly needsSeed: boolean,
    carried: readonly { name: string; dims: readonly number[] }[],
  ) {
    this.#state = state;
    this.#spare = cloneState(state);
    for (const { name, dims } of carried)
      this.#carried.set(name, { data: new Float32Array(count(dims)), dims });
  }

  static async create(
    lay: LayLoss,
    specs: { weights: readonly VariableSpec[]; buffers: readonly VariableSpec[] },
    graphOptions: TrainingGraphOptions,
    { seed, ...runtime }: RuntimeOptions & { seed: number },
  ): Promise<TrainingSession> {
    const graph = trainingGraph(lay, specs, graphOptions);
    const session = await createSession(writeOnnx(toModel(graph, DEFAULT_OPSET)), runtime);
    const weights = initialVector(specs.weights, seed);
    const state: OptimiserState = {
      weights,
      buffers: initialVector(specs.buffers, seed),
      moment1: new Float32Array(weights.length),
      moment2: new Float32Array(weights.length),
      step: 0,
    };
    const carried = graph.inputs
      .filter(({ name }) => name.startsWith('state.'))
      .map(({ name, dims }) => ({ name, dims: dims as number[] }));
    return new TrainingSession(
      session,
      state,
      graph.inputs.some(({ name }) => name === 'seed'),
      carried,
    );
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

  /** One step. A gradient that is not finite is not applied: the state stays as it was. */
  async step(feeds: Feeds, learningRate: number, weightDecay = 0): Promise<StepResult> {
    const now = this.#state;
    const next = this.#spare;
    const step = now.step + 1;
    const size = [now.weights.length];
    const inputs: Record<string, Tensor> = {
      weights: floatTensor(now.weights, size),
      moment1: floatTensor(now.moment1, size),
      moment2: floatTensor(now.moment2, size),
      schedule: floatTensor(adamSchedule(step, learningRate, weightDecay), [3]),
    };
    if (now.buffers.length > 0) inputs.buffers = floatTensor(now.buffers, [now.buffers.length]);
    if (this.needsSeed) inputs.seed = floatTensor(Float32Array.of(step % (1 << 20)), []);
    for (const [name, { data, dims }] of Object.entries(feeds)) inputs[name] = floatTensor(data, dims);
    for (const [name, { data, dims }] of this.#carried) inputs[name] = floatTensor(data, dims);
    const fetches: Record<string, Tensor | null> = {};
    for (const name of this.session.outputNames) fetches[name] = null;
    fetches['weights.next'] = floatTensor(next.weights, size);
    fetches['moment1.next'] = floatTensor(next.moment1, size);
    fetches['moment2.next'] = floatTensor(next.moment2, size);
    if (now.buffers.length > 0) fetches['buffers.next'] = floatTensor(next.buffers, [now.buffers.length]);
    const results = await this.session.run(inputs, fetches);
    const numbers = (name: string): Float32Array => results[name].data as Float32Array;
    const loss = numbers('loss')[0];
    const gradientNorm = numbers('gradientNorm')[0];
    if (Number.isFinite(loss) && Number.isFinite(gradientNorm)) {
      next.step = step;
      this.#state = next;
      this.#spare = now;
      for (const [name, { data }] of this.#carried) data.set(numbers(`${name}.next`));
    }
    const outputs: Record<string, Float32Array> = {};
    for (const name of this.session.outputNames)
      if (!OWN_OUTPUTS.has(name) && !name.startsWith('state.')) outputs[name] = numbers(name);
    return { loss, gradientNorm, outputs };
  }

  async close(): Promise<void> {
    await this.session.release();
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
