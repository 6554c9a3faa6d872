import { multiplyDims, SymbolicDim } from '../graph/dim.js';
import { Graph, int, type Tensor } from '../graph/graph.js';
import {
  count,
  ModelBuilder,
  type StateSpec,
  stateZeros,
  type VariableSource,
  type VariableSpec,
} from './model-builder.js';
import type { ModelFamily } from './model-family.js';

/** Everything a trained model holds besides its configuration: flat vectors in the order of declaration. */
export interface ModelVariables {
  weights: Float32Array;
  buffers: Float32Array;
}

/** What a family declares for a configuration. */
export interface ModelDescription {
  weights: readonly VariableSpec[];
  buffers: readonly VariableSpec[];
  states: readonly StateSpec[];
}

/** Takes weights and buffers in the order of declaration from flat vectors, as named constants. */
export function constantVariables(graph: Graph, { weights, buffers }: ModelVariables): VariableSource {
  let weightAt = 0;
  let bufferAt = 0;
  const constant = (spec: VariableSpec, from: Float32Array, at: number): Tensor =>
    graph.parameter(spec.name, spec.shape, from.subarray(at, at + count(spec.shape)));
  return {
    weight: (spec) => {
      weightAt += count(spec.shape);
      return constant(spec, weights, weightAt - count(spec.shape));
    },
    buffer: (spec) => {
      bufferAt += count(spec.shape);
      return constant(spec, buffers, bufferAt - count(spec.shape));
    },
  };
}

/**
 * The graph of a checkpoint: inputs `audio` `[batch, time]` (time a multiple of the hop) and `state.<name>`
 * `[batch, …]`; outputs `clean` `[batch, time]` and `state.<name>.next`. Batch and time are free.
 */
export function streamingGraph<Config>(
  family: ModelFamily<Config>,
  config: Config,
  variables: ModelVariables,
): { graph: Graph; description: ModelDescription } {
  const graph = new Graph();
  const batch = SymbolicDim.symbol('batch');
  const frames = SymbolicDim.symbol('frames');
  const hop = family.hop(config);
  const audio = graph.input('audio', [batch, multiplyDims(frames, hop)]);
  bindAudioSizes(graph, audio, batch, frames, hop);
  const builder = new ModelBuilder(graph, {
    mode: 'inference',
    batch,
    variables: constantVariables(graph, variables),
    initialState: ({ name, shape }) => graph.input(name, [batch, ...shape]),
  });
  const clean = family.build(builder, audio, config);
  builder.checkStates();
  graph.output('clean', clean);
  for (const [name, next] of builder.nextStates) graph.output(`${name}.next`, next);
  return { graph, description: builder };
}

function bindAudioSizes(
  graph: Graph,
  audio: Tensor,
  batch: SymbolicDim,
  frames: SymbolicDim,
  hop: number,
): void {
  const sizeAt = (axis: number): Tensor => {
    const shape = graph.emit1('Shape', [audio], [2], {}, 'int64');
    return graph.emit1('Gather', [shape, graph.ints([axis])], [1], { axis: int(0) }, 'int64');
  };
  graph.bindSymbol(batch, () => sizeAt(0));
  graph.bindSymbol(frames, () => graph.emit1('Div', [sizeAt(1), graph.ints([hop])], [1], {}, 'int64'));
}

/** What a piece of model declares, found by building it once for `batch` rows with every weight and buffer zero. */
export function describeBuild(batch: number, build: (builder: ModelBuilder) => void): ModelDescription {
  const graph = new Graph();
  const zeros = ({ shape }: VariableSpec): Tensor => graph.full(shape, 0);
  const builder = new ModelBuilder(graph, {
    mode: 'inference',
    batch,
    variables: { weight: zeros, buffer: zeros },
    initialState: stateZeros,
  });
  build(builder);
  return builder;
}

/** The weights, buffers and states of a family. */
export function describeModel<Config>(family: ModelFamily<Config>, config: Config): ModelDescription {
  return describeBuild(1, (builder) => {
    family.build(builder, builder.graph.input('audio', [1, 4 * family.hop(config)]), config);
    builder.checkStates();
  });
}
