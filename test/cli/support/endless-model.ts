import { Graph } from '../../../src/graph/graph.js';
import { toModel } from '../../../src/graph/onnx/envelope.js';
import type { OnnxGraph, OnnxNode } from '../../../src/graph/onnx/model.js';
import { writeOnnx } from '../../../src/graph/onnx/write.js';

const HOP = 160;

/** Bytes of a checkpoint that fits the contract and whose graph goes round in a loop for ever. */
export function endlessModel(): Uint8Array {
  const identity = (input: string, output: string): OnnxNode => ({
    op: 'Identity',
    name: output,
    inputs: [input],
    outputs: [output],
    attributes: {},
    domain: '',
  });
  const body: OnnxGraph = {
    name: 'round',
    nodes: [identity('go on', 'go on again'), identity('samples', 'same samples')],
    initialisers: [],
    inputs: [
      { name: 'round number', type: 'int64', dims: [] },
      { name: 'go on', type: 'bool', dims: [] },
      { name: 'samples', type: 'float32', dims: [1, HOP] },
    ],
    outputs: [
      { name: 'go on again', type: 'bool', dims: [] },
      { name: 'same samples', type: 'float32', dims: [1, HOP] },
    ],
  };
  const graph = new Graph();
  const audio = graph.input('audio', [1, HOP]);
  graph.initialisers.push({ name: 'yes', type: 'bool', dims: [], data: Uint8Array.of(1) });
  const yes = { ...audio, name: 'yes', shape: [], type: 'bool' } as const;
  const loop = graph.emit('Loop', [null, yes, audio], [[1, HOP]], { body: { kind: 'graph', value: body } });
  graph.output('clean', loop[0]);
  return writeOnnx(toModel(graph));
}
