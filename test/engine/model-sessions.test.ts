import { expect, it } from 'vitest';
import { Checkpoint } from '../../models/checkpoint.js';
import { hopGraph } from '../../models/hop-graph.js';
import { ModelSessions } from '../../src/engine/model-sessions.js';
import { StateArena } from '../../src/engine/state-arena.js';
import { readOnnx } from '../../src/graph/onnx/read.js';
import { writeOnnx } from '../../src/graph/onnx/write.js';
import { Random } from '../../src/random.js';
import { conformanceCases } from '../support/conformance-cases.js';
import { roughCheckpoint } from '../support/tiny-model.js';

/** Clean samples of five hops of noise, a hop at a time. */
async function hopByHop(bytes: Uint8Array): Promise<number[]> {
  const { info } = Checkpoint.parse(bytes);
  const arena = new StateArena(ModelSessions.stateWidth(info));
  const sessions = await ModelSessions.load(bytes, info, arena, {});
  const random = new Random(7);
  const row = arena.take();
  const clean: number[] = [];
  for (let n = 0; n < 5; n++) {
    const input = Float32Array.from({ length: info.hop }, () => 0.1 * random.normal());
    const output = new Float32Array(info.hop);
    expect(await sessions.run([{ row, input, output }])).toEqual([undefined]);
    clean.push(...output);
  }
  return clean;
}

it('runs the graph of the file where the present family would build another', async () => {
  const { family, settings } = conformanceCases.find(({ family }) => family === 'unet1d-lstm')!;
  const bytes = roughCheckpoint(family, settings);
  const model = readOnnx(bytes);
  const at = model.graph.nodes.findLastIndex(({ op }) => op === 'Sigmoid' || op === 'Tanh');
  // As another version of the family might have it: same states, same weights, another function.
  const nodes = model.graph.nodes.map((node, i) => (i === at ? { ...node, op: 'Softplus' } : node));
  // Files from before checksums.
  const { checksum: _, ...rest } = model.metadata;
  const metadata = { ...rest, format: '1' };
  const changed = writeOnnx({ ...model, metadata, graph: { ...model.graph, nodes } });
  expect(hopGraph(changed, 1)).toBeDefined();

  const clean = await hopByHop(changed);
  expect(clean).not.toEqual(await hopByHop(bytes));
  const whole = await wholeFile(changed);
  for (const [i, value] of clean.entries()) expect(Math.abs(value - whole[i])).toBeLessThan(1e-5);
});

/** The same noise in one run of the file itself. */
async function wholeFile(bytes: Uint8Array): Promise<number[]> {
  const { info } = Checkpoint.parse(bytes);
  const arena = new StateArena(ModelSessions.stateWidth(info));
  const sessions = await ModelSessions.load(bytes, info, arena, {});
  const random = new Random(7);
  const input = Float32Array.from({ length: 5 * info.hop }, () => 0.1 * random.normal());
  const output = new Float32Array(input.length);
  await sessions.run([{ row: arena.take(), input, output }]);
  return [...output];
}
