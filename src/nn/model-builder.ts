import { GraphError } from '../errors.js';
import { type Dim, fixed, type Shape, showShape } from '../graph/dim.js';
import type { Graph, GraphOptions, Tensor } from '../graph/graph.js';
import { mul } from '../graph/ops/elementwise.js';
import type { LstmLayout } from '../graph/ops/lstm.js';
import { dropoutMask } from '../graph/ops/noise.js';
import { type Initialiser, initialValues } from './initialisers.js';

/** A weight (learnt) or a buffer (followed, such as a running mean) as a family declares it. */
export interface VariableSpec {
  name: string;
  shape: readonly number[];
  initialiser: Initialiser;
  /** Every optimiser step ends with the weight brought back to at least this. Default: no bound. */
  minimum?: number;
}

/** A piece of a stream's memory: zeros at the start of a stream, `[batch, …shape]`. */
export interface StateSpec {
  name: string;
  /** Without the batch axis. */
  shape: readonly number[];
}

/** Where a builder takes the values of weights and buffers from. */
export interface VariableSource {
  weight(spec: VariableSpec): Tensor;
  buffer(spec: VariableSpec): Tensor;
}

export interface BuilderOptions extends GraphOptions {
  /** Training builds differentiable recurrences, batch statistics and dropout. */
  mode: 'inference' | 'training';
  /** How LSTMs are built. Default `kernel` for inference and `scan` for training. */
  lstmLayout?: LstmLayout;
  /** A state's tensor at the start of the graph. */
  initialState(spec: StateSpec, builder: ModelBuilder): Tensor;
  variables: VariableSource;
  /** Batch size where it is fixed. */
  batch: Dim;
}

/**
 * What a model family writes itself on: the graph, plus weights, buffers and state by name. A family asks for a weight
 * where it uses it; whether that is a constant of a checkpoint or a slice of the training vector is decided here.
 */
export class ModelBuilder {
  readonly weights: VariableSpec[] = [];
  readonly buffers: VariableSpec[] = [];
  readonly states: StateSpec[] = [];
  readonly nextStates = new Map<string, Tensor>();
  readonly nextBuffers = new Map<string, Tensor>();
  readonly training: boolean;
  readonly lstmLayout: LstmLayout;
  readonly batch: Dim;
  /** Scalar `[]` that changes every training step; dropout and noise are drawn from it. */
  noiseSeed: Tensor | undefined;
  private readonly names = new Set<string>();
  private noiseSites = 0;

  constructor(
    readonly graph: Graph,
    private readonly options: BuilderOptions,
  ) {
    this.training = options.mode === 'training';
    this.lstmLayout = options.lstmLayout ?? (this.training ? 'scan' : 'kernel');
    this.batch = options.batch;
  }

  /** A learnt array; `minimum` as in {@link VariableSpec}. */
  weight(name: string, shape: readonly number[], initialiser: Initialiser, minimum?: number): Tensor {
    const spec: VariableSpec = { name: this.claim(name), shape, initialiser };
    if (minimum !== undefined) spec.minimum = minimum;
    this.weights.push(spec);
    return this.options.variables.weight(spec);
  }

  /** An array that training follows rather than learns; say its next value with {@link updateBuffer}. */
  buffer(name: string, shape: readonly number[], initialiser: Initialiser): Tensor {
    const spec = { name: this.claim(name), shape, initialiser };
    this.buffers.push(spec);
    return this.options.variables.buffer(spec);
  }

  updateBuffer(name: string, next: Tensor): void {
    this.nextBuffers.set(name, next);
  }

  /** The stream's memory at the start of this chunk, `[batch, …shape]`; say what is left at its end with {@link nextState}. */
  state(name: string, shape: readonly number[]): Tensor {
    const spec = { name: this.claim(`state.${name}`), shape };
    this.states.push(spec);
    return this.options.initialState(spec, this);
  }

  nextState(name: string, value: Tensor): void {
    this.nextStates.set(`state.${name}`, value);
  }

  /** Inverted dropout (Srivastava et al. 2014): in training zeroes a share `p` of `x` and scales the rest by 1/(1 − p). */
  dropout(x: Tensor, p: number): Tensor {
    if (!this.training || p === 0) return x;
    return mul(x, dropoutMask(this.seed(), this.noiseSites++, fixedShape(x.shape), p));
  }

  /** The noise seed of this step and a number that no other site of this graph has. */
  noiseSite(): { seed: Tensor; site: number } {
    return { seed: this.seed(), site: this.noiseSites++ };
  }

  private seed(): Tensor {
    this.noiseSeed ??= this.graph.input('seed', []);
    return this.noiseSeed;
  }

  private claim(name: string): string {
    if (this.names.has(name))
      throw new GraphError('E_NAME', `The name "${name}" is used twice in this model.`);
    this.names.add(name);
    return name;
  }

  /** Every state must have been given its next value. @throws GraphError `E_STATE` */
  checkStates(): void {
    for (const { name, shape } of this.states) {
      const next = this.nextStates.get(name);
      if (next === undefined) throw new GraphError('E_STATE', `"${name}" has no next value.`);
      if (showShape(next.shape.slice(1)) !== showShape(shape))
        throw new GraphError(
          'E_STATE',
          `"${name}" is ${showShape(shape)} and its next value ${showShape(next.shape)}.`,
        );
    }
  }
}

const fixedShape = (shape: Shape): number[] => shape.map((dim) => fixed(dim, 'what dropout acts on'));

/** Numbers for all weights at the start of training, one flat vector in the order of declaration. */
export function initialVector(specs: readonly VariableSpec[], seed: number): Float32Array {
  const vector = new Float32Array(specs.reduce((total, { shape }) => total + count(shape), 0));
  let at = 0;
  specs.forEach((spec, index) => {
    vector.set(initialValues(spec.initialiser, spec.shape, seed, index), at);
    at += count(spec.shape);
  });
  return vector;
}

/** Number of elements of a shape without symbols. */
export const count = (shape: readonly number[]): number => shape.reduce((product, dim) => product * dim, 1);

/** The state of a stream that has heard nothing yet. */
export function stateZeros({ shape }: StateSpec, { graph, batch }: ModelBuilder): Tensor {
  return graph.full([fixed(batch, 'the batch of a graph with its own initial state'), ...shape], 0);
}
