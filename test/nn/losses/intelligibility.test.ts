import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { estoi } from '../../../src/audio/metrics/index.js';
import { Graph } from '../../../src/graph/graph.js';
import { intelligibilityLoss } from '../../../src/nn/losses/intelligibility.js';
import { Random } from '../../../src/random.js';
import type { NdArray } from '../../support/nd-array.js';
import { evaluate, type RunningGraph, startGraph } from '../../support/run-graph.js';

const RATE = 16_000;
const SAMPLES = 24_000;

/** Syllables of harmonics: speech enough for a measure of envelopes. */
function syllables(seed: number): Float64Array {
  const random = new Random(seed);
  const rates = Array.from({ length: 20 }, () => random.uniform(2, 7));
  return Float64Array.from({ length: SAMPLES }, (_, n) => {
    let sample = 0;
    rates.forEach((rate, k) => {
      const swell = Math.max(0, Math.sin((2 * Math.PI * rate * n) / RATE + k));
      sample += (swell * Math.sin((2 * Math.PI * 180 * (k + 1) * n) / RATE)) / (k + 1);
    });
    return 0.1 * sample;
  });
}

function withNoise(clean: Float64Array, level: number, seed = 5): Float64Array {
  const random = new Random(seed);
  return clean.map((v) => v + level * random.normal());
}

const row = (data: Float64Array): NdArray => ({ dims: [1, data.length], data });

let running: RunningGraph;
beforeAll(async () => {
  const g = new Graph({ float: 'float64' });
  const [estimate, target] = ['estimate', 'target'].map((name) => g.input(name, [1, SAMPLES]));
  g.output('loss', intelligibilityLoss(estimate, target, RATE));
  running = await startGraph(g);
});
afterAll(() => running.close());

async function loss(estimate: Float64Array, target: Float64Array): Promise<number> {
  const results = await running.run({ estimate: row(estimate), target: row(target) });
  return results.loss.data[0];
}

describe('intelligibilityLoss', () => {
  const clean = syllables(1);

  it('is 0 for the clean signal at any level, about 1 for noise, and finite for silence', async () => {
    expect(await loss(clean, clean)).toBeLessThan(0.02);
    expect(
      await loss(
        clean.map((v) => 0.3 * v),
        clean,
      ),
    ).toBeLessThan(0.03);
    expect(await loss(withNoise(new Float64Array(SAMPLES), 0.1), clean)).toBeGreaterThan(0.85);
    expect(await loss(new Float64Array(SAMPLES), clean)).toBeCloseTo(1, 3);
    expect(await loss(clean, new Float64Array(SAMPLES))).toBeCloseTo(1, 3);
  });

  it('orders mixtures as ESTOI does', async () => {
    const levels = [0.01, 0.05, 0.15, 0.5];
    const losses = await Promise.all(levels.map((level) => loss(withNoise(clean, level), clean)));
    const scores = levels.map((level) =>
      estoi(Float32Array.from(clean), Float32Array.from(withNoise(clean, level)), RATE),
    );
    expect(scores).toEqual(scores.toSorted((a, b) => b - a));
    expect(losses).toEqual(losses.toSorted((a, b) => a - b));
    for (const [i, score] of scores.entries()) expect(Math.abs(1 - losses[i] - score)).toBeLessThan(0.15);
  });

  it('has the gradient that difference quotients show', async () => {
    const noisy = withNoise(clean, 0.1);
    const g = new Graph({ float: 'float64' });
    const [{ data: gradient }] = await evaluate(g, [row(noisy), row(clean)], (a, b) => [
      g.gradients(intelligibilityLoss(a, b, RATE), [a])[0]!,
    ]);
    const random = new Random(9);
    for (let trial = 0; trial < 3; trial++) {
      const direction = Float64Array.from({ length: SAMPLES }, () => random.normal());
      const step = 1e-6;
      const moved = (sign: number): Float64Array => noisy.map((v, n) => v + sign * step * direction[n]);
      const quotient = ((await loss(moved(1), clean)) - (await loss(moved(-1), clean))) / (2 * step);
      const expected = direction.reduce((sum, d, n) => sum + d * gradient[n], 0);
      expect(Math.abs(quotient - expected)).toBeLessThan(1e-4 * Math.max(1, Math.abs(expected)));
    }
  });
});
