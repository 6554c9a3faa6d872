import { Graph } from '../graph/graph.js';
import { ModelBuilder, stateZeros } from './model-builder.js';
import type { ModelFamily } from './model-family.js';
import { constantVariables, type ModelVariables } from './streaming-graph.js';

/** The same model over a whole recording at once: `audio` `[batch, frames·hop]` → `clean`, no state in or out. */
export function offlineGraph<Config>(
  family: ModelFamily<Config>,
  config: Config,
  variables: ModelVariables,
  size: { batch: number; frames: number },
): Graph {
  const graph = new Graph();
  const audio = graph.input('audio', [size.batch, size.frames * family.hop(config)]);
  const builder = new ModelBuilder(graph, {
    mode: 'inference',
    batch: size.batch,
    variables: constantVariables(graph, variables),
    initialState: stateZeros,
  });
  graph.output('clean', family.build(builder, audio, config));
  return graph;
}
