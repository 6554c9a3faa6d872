/**
 * A checkpoint laid out again for what live audio needs: one hop of a fixed number of streams. All sizes are numbers, loops
 * of one step are no loops, the state is one tensor instead of a dozen, each of which costs microseconds to hand over, and
 * what is left is simplified. A hop of `base` takes a third less than through the file itself.
 */
import { DenoiseError } from '../src/errors.js';
import { Graph } from '../src/graph/graph.js';
import { toModel } from '../src/graph/onnx/envelope.js';
import { writeOnnx } from '../src/graph/onnx/write.js';
import { concat, reshape, split } from '../src/graph/ops/shape.js';
import { simplify } from '../src/graph/simplify/simplify.js';
import { count, ModelBuilder } from '../src/nn/model-builder.js';
import { constantVariables, describeModel } from '../src/nn/streaming-graph.js';
import { Checkpoint } from './checkpoint.js';

/**
 * Takes `audio` `[batch, hop]` and `state` `[batch, n]`, the checkpoint's states one after another in their order; gives
 * `clean` `[batch, hop]` and `state.next`.
 * @returns undefined where the graph cannot be laid again: a file of another program, or of another version of the family
 */
export function hopGraph(bytes: Uint8Array, batch: number): Uint8Array | undefined {
  const checkpoint = Checkpoint.parse(bytes);
  const { states, hop } = checkpoint.info;
  const known = ownVariables(checkpoint);
  if (known === undefined || states.length === 0) return undefined;
  const { family, config, variables } = known;
  const declared = describeModel(family, config).states;
  if (declared.some(({ name }, i) => states[i]?.name !== name)) return undefined;
  const widths = declared.map(({ shape }) => count(shape));
  const graph = new Graph();
  const audio = graph.input('audio', [batch, hop]);
  const total = widths.reduce((sum, width) => sum + width, 0);
  const before = split(graph.input('state', [batch, total]), widths, 1);
  const at = new Map(declared.map((state, i) => [state.name, i]));
  const builder = new ModelBuilder(graph, {
    mode: 'inference',
    batch,
    lstmLayout: 'unroll',
    variables: constantVariables(graph, variables),
    initialState: (state) => reshape(before[at.get(state.name)!], [batch, ...state.shape]),
  });
  graph.output('clean', family.build(builder, audio, config));
  const after = declared.map((state, i) => reshape(builder.nextStates.get(state.name)!, [batch, widths[i]]));
  graph.output('state.next', concat(after, 1));
  const model = toModel(graph);
  return writeOnnx({ ...model, graph: simplify(model.graph, {}) ?? model.graph });
}

function ownVariables(checkpoint: Checkpoint): ReturnType<Checkpoint['variables']> | undefined {
  try {
    return checkpoint.variables();
  } catch (error) {
    if (error instanceof DenoiseError) return undefined;
    throw error;
  }
}
