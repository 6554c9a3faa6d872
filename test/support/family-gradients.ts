import { InferenceSession, Tensor } from 'onnxruntime-node';
import { expect } from 'vitest';
import { familyByName, parseConfig } from '../../models/families.js';
import { toModel } from '../../src/graph/onnx/envelope.js';
import { writeOnnx } from '../../src/graph/onnx/write.js';
import { mul } from '../../src/graph/ops/elementwise.js';
import { sum } from '../../src/graph/ops/reduce.js';
import { count, initialVector, type VariableSpec } from '../../src/nn/model-builder.js';
import { describeModel } from '../../src/nn/streaming-graph.js';
import { type BuildLoss, trainingGraph } from '../../src/nn/training-graph.js';
import { Random } from '../../src/random.js';

/** Checks the gradient of a whole family, in the layout that training uses, from a random state. */
export async function checkFamilyGradients(
  name: string,
  settings: unknown,
  layout: 'scan' | 'unroll',
  frames = 4,
): Promise<void> {
  const family = familyByName(name);
  const config = parseConfig(family, settings);
  const batch = 2;
  const samples = frames * family.hop(config);
  const random = new Random(9);
  const buildLoss: BuildLoss = (b) => {
    const clean = family.build(b, b.graph.input('audio', [batch, samples]), config);
    const cotangent = b.graph.table('cotangent', [batch, samples], () =>
      Float64Array.from({ length: batch * samples }, () => random.normal()),
    );
    return sum(mul(clean, cotangent));
  };
  await checkLossGradients(buildLoss, describeModel(family, config), batch, layout);
}

/**
 * Checks the gradient of a training step in double precision: along random directions in every weight, and in all of
 * them, the slope of the loss must be what the gradient says. Inputs and carried state are random.
 */
export async function checkLossGradients(
  buildLoss: BuildLoss,
  specs: { weights: readonly VariableSpec[]; buffers: readonly VariableSpec[] },
  batch: number,
  layout: 'scan' | 'unroll',
): Promise<void> {
  const random = new Random(5);
  const draw = (size: number, deviation = 1): Float64Array =>
    Float64Array.from({ length: size }, () => deviation * random.normal());
  const graph = trainingGraph(buildLoss, specs, {
    batch,
    float: 'float64',
    lstmLayout: layout,
    carryState: true,
    showGradient: true,
  });
  // Fused kernels exist in single precision only.
  const session = await InferenceSession.create(writeOnnx(toModel(graph)), {
    graphOptimizationLevel: 'basic',
    intraOpNumThreads: 1,
  });
  const inputs: Record<string, Tensor> = {};
  for (const { name: input, dims } of graph.inputs)
    inputs[input] = new Tensor('float64', draw(count(dims as number[]), 0.3), dims as number[]);
  if (inputs.seed !== undefined) inputs.seed = new Tensor('float64', Float64Array.of(3), []);
  if (inputs.buffers !== undefined)
    inputs.buffers = new Tensor('float64', (inputs.buffers.data as Float64Array).map(Math.abs), [
      inputs.buffers.data.length,
    ]);
  const weights = Float64Array.from(initialVector(specs.weights, 1), (w) => w + 0.05 * random.normal());
  const size = weights.length;
  const run = async (at: Float64Array) =>
    session.run({ ...inputs, weights: new Tensor('float64', at, [size]) });
  const gradient = (await run(weights)).gradient.data as Float64Array;
  const lossAt = async (direction: Float64Array, step: number): Promise<number> => {
    const { loss } = await run(weights.map((w, i) => w + step * direction[i]));
    return (loss.data as Float64Array)[0];
  };
  const check = async (direction: Float64Array, what: string): Promise<void> => {
    const expected = direction.reduce((total, d, i) => total + d * gradient[i], 0);
    // Short enough that next to no ReLU changes side within it.
    const step = 1e-7;
    const slope = ((await lossAt(direction, step)) - (await lossAt(direction, -step))) / (2 * step);
    const scale = Math.hypot(...direction) * Math.hypot(...gradient);
    expect(Math.abs(slope - expected) / scale, `${what}: ${slope} against ${expected}`).toBeLessThan(1e-6);
  };
  let at = 0;
  // Each weight array by itself, so that a small one cannot hide behind the others.
  for (const { name: weight, shape } of specs.weights) {
    const direction = new Float64Array(size);
    direction.set(draw(count(shape)), at);
    expect(
      gradient.subarray(at, at + count(shape)).some((g) => g !== 0),
      `the loss does not depend on ${weight}`,
    ).toBe(true);
    await check(direction, weight);
    at += count(shape);
  }
  await check(draw(size), 'all weights');
  await session.release();
}
