import { GraphError } from '../errors.js';
import { fixed } from '../graph/dim.js';
import { Graph, type GraphOptions, type Tensor } from '../graph/graph.js';
import { add, scale, sub } from '../graph/ops/elementwise.js';
import type { LstmLayout } from '../graph/ops/lstm.js';
import { concat, reshape, split } from '../graph/ops/shape.js';
import { count, ModelBuilder, type StateSpec, stateZeros, type VariableSpec } from './model-builder.js';
import { type AdamOptions, adam } from './optimiser.js';

/** Share of the old value kept by running averages of batch statistics. PyTorch's momentum 0.1 is 0.9 here. */
const BUFFER_MEMORY = 0.99;

/** No weight is lower: the largest negative float32. */
const LOWEST = -3.4028234663852886e38;

export interface TrainingGraphOptions extends GraphOptions, AdamOptions {
  batch: number;
  lstmLayout?: LstmLayout;
  /** State goes in and comes out, detached, so that a sequence can be trained chunk by chunk. Default: starts at zero. */
  carryState?: boolean;
  /** Adds the output `gradient` `[parameters]`: the gradient before clipping. */
  showGradient?: boolean;
  /**
   * Parts of a step. Above 1 the graph has the input `accumulated` `[parameters]`, the sum of the gradients of the parts before,
   * and the output `accumulated.next` with its own added; the update uses the mean over all parts. Default 1.
   */
  accumulate?: number;
}

/** The loss of a training step: declares inputs and weights on the builder and gives back the scalar loss. */
export type BuildLoss = (builder: ModelBuilder) => Tensor | { loss: Tensor; outputs: Record<string, Tensor> };

/**
 * One step of training as one graph: forward, loss, backward, clipping and Adam.
 *
 * Inputs: those that `buildLoss` declares, `weights`, `moment1`, `moment2` `[parameters]`, `buffers` (where there are any),
 * `schedule` `[3]` (see `adamSchedule`), `seed` `[]` (where there is dropout) and, with `carryState`, `state.<name>`.
 * Outputs: the same names with `.next`, `loss` `[]` and `gradientNorm` `[1]`.
 * @param specs what `buildLoss` will declare, in its order: known from {@link describeModel} or from building it once before
 */
export function trainingGraph(
  buildLoss: BuildLoss,
  specs: { weights: readonly VariableSpec[]; buffers: readonly VariableSpec[] },
  options: TrainingGraphOptions,
): Graph {
  const graph = new Graph(options);
  const { builder, weights, buffers } = builderFor(graph, specs, { ...options, mode: 'training' });
  const { loss, outputs } = lossAndOutputs(buildLoss(builder));
  const gradients = graph.gradients(loss, weights.parts);

  graph.withoutRecording(() => {
    const own = weights.join(gradients.map((d, i) => d ?? graph.full(specs.weights[i].shape, 0)));
    const { accumulate = 1 } = options;
    const sum = accumulate === 1 ? own : add(own, graph.input('accumulated', [weights.length]));
    const gradient = accumulate === 1 ? own : scale(sum, 1 / accumulate);
    if (accumulate > 1) graph.output('accumulated.next', sum);
    const moment1 = graph.input('moment1', [weights.length]);
    const moment2 = graph.input('moment2', [weights.length]);
    const schedule = graph.input('schedule', [3]);
    const next = adam({ weights: weights.vector!, moment1, moment2 }, gradient, schedule, options);
    graph.output('weights.next', bounded(next.weights, specs.weights));
    graph.output('moment1.next', next.moment1);
    graph.output('moment2.next', next.moment2);
    graph.output('gradientNorm', next.gradientNorm);
    graph.output('loss', loss);
    if (options.showGradient) graph.output('gradient', gradient);
    if (buffers.vector !== undefined) {
      const followed = buffers.join(
        specs.buffers.map(({ name }, i) => builder.nextBuffers.get(name) ?? buffers.parts[i]),
      );
      const change = scale(sub(followed, buffers.vector), 1 - BUFFER_MEMORY);
      graph.output('buffers.next', add(buffers.vector, change));
    }
    if (options.carryState)
      for (const [name, state] of builder.nextStates) graph.output(`${name}.next`, state);
    for (const [name, value] of Object.entries(outputs)) graph.output(name, value);
  });
  return graph;
}

/** Weights that have a minimum, brought back to it. */
function bounded(weights: Tensor, specs: readonly VariableSpec[]): Tensor {
  if (specs.every(({ minimum }) => minimum === undefined)) return weights;
  const floor = weights.graph.table('weight minimum', weights.shape as number[], () =>
    Float32Array.from(
      specs.flatMap(({ shape, minimum }) => Array<number>(count(shape)).fill(minimum ?? LOWEST)),
    ),
  );
  return weights.graph.emit1('Max', [weights, floor], weights.shape);
}

/**
 * The same loss without an update: dropout off, running statistics, the runtime's own recurrences. Inputs: those that
 * `buildLoss` declares, `weights` and `buffers`; outputs `loss` `[]` and what `buildLoss` adds.
 */
export function evaluationGraph(
  buildLoss: BuildLoss,
  specs: { weights: readonly VariableSpec[]; buffers: readonly VariableSpec[] },
  options: Pick<TrainingGraphOptions, 'batch' | 'carryState' | keyof GraphOptions>,
): Graph {
  const graph = new Graph(options);
  const { builder } = builderFor(graph, specs, { ...options, mode: 'inference' });
  const { loss, outputs } = lossAndOutputs(buildLoss(builder));
  graph.output('loss', loss);
  if (options.carryState) for (const [name, state] of builder.nextStates) graph.output(`${name}.next`, state);
  for (const [name, value] of Object.entries(outputs)) graph.output(name, value);
  return graph;
}

function builderFor(
  graph: Graph,
  specs: { weights: readonly VariableSpec[]; buffers: readonly VariableSpec[] },
  options: Pick<TrainingGraphOptions, 'batch' | 'carryState' | 'lstmLayout'> & {
    mode: 'training' | 'inference';
  },
): { builder: ModelBuilder; weights: FlatVector; buffers: FlatVector } {
  const weights = new FlatVector(graph, 'weights', specs.weights);
  const buffers = new FlatVector(graph, 'buffers', specs.buffers);
  const builder = new ModelBuilder(graph, {
    mode: options.mode,
    batch: options.batch,
    lstmLayout: options.lstmLayout,
    variables: { weight: (spec) => weights.take(spec), buffer: (spec) => buffers.take(spec) },
    initialState: options.carryState
      ? ({ name, shape }: StateSpec) => graph.input(name, [options.batch, ...shape])
      : stateZeros,
  });
  return { builder, weights, buffers };
}

const lossAndOutputs = (built: ReturnType<BuildLoss>): { loss: Tensor; outputs: Record<string, Tensor> } =>
  'loss' in built ? built : { loss: built, outputs: {} };

/**
 * Many arrays as one vector: one `Split` in, one `Concat` of gradients out, and a training checkpoint is a handful of
 * Float32Arrays.
 */
class FlatVector {
  readonly length: number;
  readonly parts: Tensor[];
  readonly vector: Tensor | undefined;
  private taken = 0;

  constructor(
    graph: Graph,
    name: string,
    private readonly specs: readonly VariableSpec[],
  ) {
    const sizes = specs.map(({ shape }) => count(shape));
    this.length = sizes.reduce((a, b) => a + b, 0);
    this.vector = this.length === 0 ? undefined : graph.input(name, [this.length]);
    this.parts =
      this.vector === undefined
        ? []
        : graph.withoutRecording(() =>
            split(this.vector!, sizes, 0).map((part, i) => reshape(part, specs[i].shape)),
          );
  }

  /** The next array; families declare in the same order every time. */
  take({ name, shape }: VariableSpec): Tensor {
    const at = this.taken++;
    const expected = this.specs[at];
    if (expected?.name !== name || count(expected.shape) !== count(shape))
      throw new GraphError(
        'E_NAME',
        `"${name}" was declared where "${expected?.name ?? 'nothing'}" was expected.`,
      );
    return this.parts[at];
  }

  join(parts: readonly Tensor[]): Tensor {
    return concat(
      parts.map((part) =>
        reshape(part, [part.shape.reduce<number>((n, dim) => n * fixed(dim, part.name), 1)]),
      ),
      0,
    );
  }
}
