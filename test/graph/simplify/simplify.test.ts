import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { Checkpoint, type CheckpointInfo } from '../../../models/checkpoint.js';
import { createSession, floatTensor, type Tensor } from '../../../src/engine/runtime.js';
import { int, ints } from '../../../src/graph/attributes.js';
import { Graph } from '../../../src/graph/graph.js';
import type { OnnxGraph } from '../../../src/graph/onnx/model.js';
import { readOnnx } from '../../../src/graph/onnx/read.js';
import { writeOnnx } from '../../../src/graph/onnx/write.js';
import { simplify } from '../../../src/graph/simplify/simplify.js';
import { conformanceCases } from '../../support/conformance-cases.js';
import { roughCheckpoint, testSignal } from '../../support/tiny-model.js';

const pretrained = (name: string) =>
  readFile(fileURLToPath(new URL(`../../../models/pretrained/${name}.onnx`, import.meta.url)));

/** Runs a checkpoint's graph for one hop from a state that is not silence. */
async function run(
  bytes: Uint8Array,
  { states, hop }: Pick<CheckpointInfo, 'states' | 'hop'>,
  batch: number,
): Promise<Record<string, number[]>> {
  const feeds: Record<string, Tensor> = { audio: floatTensor(testSignal(batch * hop, 1), [batch, hop]) };
  for (const { name, shape } of states) {
    const dims = [batch, ...shape];
    feeds[name] = floatTensor(
      testSignal(
        dims.reduce((a, b) => a * b),
        2,
      ),
      dims,
    );
  }
  const session = await createSession(bytes);
  const outputs = await session.run(feeds);
  await session.release();
  return Object.fromEntries(
    Object.entries(outputs).map(([name, { data }]) => [name, [...(data as Float32Array)]]),
  );
}

async function expectSame(bytes: Uint8Array, batch: number): Promise<OnnxGraph> {
  const { info } = Checkpoint.parse(bytes);
  const { hop, audioDims } = info;
  const model = readOnnx(bytes);
  const sizes = { [audioDims[0]]: batch, [audioDims[1]]: hop };
  const graph = simplify(model.graph, sizes)!;
  const [before, after] = [
    await run(bytes, info, batch),
    await run(writeOnnx({ ...model, graph }), info, batch),
  ];
  expect(Object.keys(after).sort()).toEqual(Object.keys(before).sort());
  for (const [name, values] of Object.entries(before)) {
    const worst = values.reduce((most, value, i) => Math.max(most, Math.abs(value - after[name][i])), 0);
    expect(worst, name).toBeLessThan(2e-5);
  }
  return graph;
}

const count = (graph: OnnxGraph, op: string): number => graph.nodes.filter((node) => node.op === op).length;

/** The graph with its output made where it is computed, as other programs write it, and not in a copy at the end. */
function withoutLastCopy(graph: OnnxGraph): OnnxGraph {
  const copy = graph.nodes.at(-1)!;
  const rename = (name: string): string => (name === copy.inputs[0] ? copy.outputs[0] : name);
  const nodes = graph.nodes.slice(0, -1).map((node) => ({ ...node, outputs: node.outputs.map(rename) }));
  return { ...graph, nodes };
}

/** Simplifies a graph with an input `x` and an output `y`, and checks that it computes the same. */
async function simplified(
  shape: readonly number[],
  build: (g: Graph, x: ReturnType<Graph['input']>) => ReturnType<Graph['input']>,
) {
  const g = new Graph();
  const y = build(g, g.input('x', shape));
  g.output('y', y);
  const original = withoutLastCopy(g.toOnnx('test'));
  const graph = simplify(original, {})!;
  const data = testSignal(shape.reduce((a, b) => a * b));
  const [before, after] = await Promise.all(
    [original, graph].map(async (one) => {
      const session = await createSession(
        writeOnnx({ irVersion: 8, opset: 17, producer: 'test', graph: one, metadata: {} }),
      );
      return (await session.run({ x: floatTensor(data, shape) })).y;
    }),
  );
  expect(after.dims).toEqual(before.dims);
  expect(after.data).toEqual(before.data);
  return graph;
}

describe('simplify', () => {
  it.each(conformanceCases)(
    'keeps what $family $label computes, or leaves its loop alone',
    async ({ family, settings }) => {
      const bytes = roughCheckpoint(family, settings);
      const hasLoop = readOnnx(bytes).graph.nodes.some(({ op }) => op === 'Scan');
      if (hasLoop) expect(simplify(readOnnx(bytes).graph, {})).toBeUndefined();
      else for (const batch of [1, 3]) await expectSame(bytes, batch);
    },
  );

  it('makes much of the shipped model for radios go away', async () => {
    const bytes = await pretrained('radio');
    const before = readOnnx(bytes).graph;
    for (const batch of [1, 4]) {
      const graph = await expectSame(bytes, batch);
      expect(graph.nodes.length).toBeLessThan(0.7 * before.nodes.length);
      expect(count(graph, 'Reshape')).toBeLessThan(0.5 * count(before, 'Reshape'));
      expect(count(graph, 'Shape') + count(graph, 'Gather')).toBe(0);
    }
  });

  it('takes a slice of a concatenation for the part that it is', async () => {
    const graph = await simplified([2, 12], (g, x) => {
      const doubled = g.emit1('Add', [x, x], [2, 12]);
      const joined = g.emit1('Concat', [x, doubled], [2, 24], { axis: int(1) });
      const rows = g.emit1('Reshape', [joined, g.ints([2, 2, 12])], [2, 2, 12]);
      return g.emit1('Slice', [rows, g.ints([1]), g.ints([2]), g.ints([1])], [2, 1, 12]);
    });
    expect(graph.nodes.map(({ op }) => op)).toEqual(['Add', 'Reshape', 'Identity']);
  });

  it('moves slices and padding to the axis that holds the same numbers, and nowhere else', async () => {
    const build = (rows: number) => (g: Graph, x: ReturnType<Graph['input']>) => {
      const apart = g.emit1('Reshape', [x, g.ints([rows, 4, 6])], [rows, 4, 6]);
      const cut = g.emit1('Slice', [apart, g.ints([1, 2]), g.ints([3, 6]), g.ints([1, 2])], [rows, 2, 4]);
      return g.emit1('Pad', [cut, g.ints([0, 1, 0, 0, 2, 0])], [rows, 5, 4]);
    };
    expect(count(await simplified([4, 6], build(1)), 'Reshape')).toBe(1);
    expect(count(await simplified([8, 6], build(2)), 'Reshape')).toBe(1);
  });

  it('lets sums of other shapes pass only where they mean the same', async () => {
    await simplified([6, 4], (g, x) => {
      const square = g.emit1('Reshape', [x, g.ints([2, 3, 4])], [2, 3, 4]);
      const column = g.parameter('column', [3, 1], Float32Array.of(1, 2, 3));
      return g.emit1('Mul', [square, column], [2, 3, 4]);
    });
    await simplified([6, 4], (g, x) => {
      const square = g.emit1('Reshape', [x, g.ints([2, 3, 4])], [2, 3, 4]);
      return g.emit1('Sub', [g.parameter('row', [4], Float32Array.of(1, 2, 3, 4)), square], [2, 3, 4]);
    });
  });

  it('drops transposes that move axes of size 1 only', async () => {
    const transposed = (shape: number[]) => (g: Graph, x: ReturnType<Graph['input']>) =>
      g.emit1('Transpose', [x], [shape[1], shape[0], shape[2]], { perm: ints([1, 0, 2]) });
    expect(count(await simplified([1, 5, 3], transposed([1, 5, 3])), 'Transpose')).toBe(0);
    expect(count(await simplified([2, 5, 3], transposed([2, 5, 3])), 'Transpose')).toBe(1);
  });

  it('leaves alone what it does not know, and graphs with loops', async () => {
    const graph = await simplified([2, 3], (g, x) => {
      const flat = g.emit1('Reshape', [x, g.ints([6])], [6]);
      const sorted = g.emit1('CumSum', [flat, g.ints([0])], [6]);
      return g.emit1('Reshape', [sorted, g.ints([3, 2])], [3, 2]);
    });
    expect(count(graph, 'CumSum')).toBe(1);
    const body: OnnxGraph = { name: '', nodes: [], initialisers: [], inputs: [], outputs: [] };
    const loop = new Graph();
    loop.output(
      'y',
      loop.emit1('Loop', [loop.input('x', [1])], [1], { body: { kind: 'graph', value: body } }),
    );
    expect(simplify(loop.toOnnx('loop'), {})).toBeUndefined();
  });
});
