import { describe, expect, it } from 'vitest';
import { Graph } from '../../src/graph/graph.js';
import { adam, adamSchedule } from '../../src/nn/optimiser.js';
import { array, type NdArray, randomArray } from '../support/nd-array.js';
import { startGraph } from '../support/run-graph.js';

const SIZE = 7;
const [BETA1, BETA2, EPSILON] = [0.9, 0.999, 1e-8];

/** Clipping, Adam (Kingma & Ba 2015, algorithm 1) and decoupled decay (Loshchilov & Hutter 2019, algorithm 2). */
function plainAdam(
  rates: readonly number[],
  decay: number,
  clip: number,
  gradients: readonly NdArray[],
  start: NdArray,
) {
  let [w, m, v] = [[...start.data], Array<number>(SIZE).fill(0), Array<number>(SIZE).fill(0)];
  rates.forEach((rate, i) => {
    const t = i + 1;
    const norm = Math.hypot(...gradients[i].data);
    const g = [...gradients[i].data].map((d) => d * Math.min(1, clip / (norm + 1e-6)));
    m = m.map((x, k) => BETA1 * x + (1 - BETA1) * g[k]);
    v = v.map((x, k) => BETA2 * x + (1 - BETA2) * g[k] ** 2);
    w = w.map((x, k) => {
      const [mean, square] = [m[k] / (1 - BETA1 ** t), v[k] / (1 - BETA2 ** t)];
      return x - rate * decay * x - (rate * mean) / (Math.sqrt(square) + EPSILON);
    });
  });
  return w;
}

async function graphAdam(
  rates: readonly number[],
  decay: number,
  clip: number,
  gradients: readonly NdArray[],
  start: NdArray,
): Promise<{ weights: Float64Array; norms: number[] }> {
  const graph = new Graph();
  const names = ['weights', 'moment1', 'moment2', 'gradient'] as const;
  const [weights, moment1, moment2, gradient] = names.map((name) => graph.input(name, [SIZE]));
  const next = adam({ weights, moment1, moment2 }, gradient, graph.input('schedule', [3]), { clip });
  for (const name of ['weights', 'moment1', 'moment2', 'gradientNorm'] as const)
    graph.output(`${name}.next`, next[name]);
  const running = await startGraph(graph);
  const zeros = array([SIZE], new Float64Array(SIZE));
  let state = { weights: start, moment1: zeros, moment2: zeros };
  const norms: number[] = [];
  for (const [i, rate] of rates.entries()) {
    const schedule = array([3], adamSchedule(i + 1, rate, decay));
    const out = await running.run({ ...state, gradient: gradients[i], schedule });
    state = { weights: out['weights.next'], moment1: out['moment1.next'], moment2: out['moment2.next'] };
    norms.push(out['gradientNorm.next'].data[0]);
  }
  await running.close();
  return { weights: state.weights.data, norms };
}

const gradients = (level: number): NdArray[] =>
  Array.from({ length: 30 }, (_, i) => randomArray([SIZE], 100 + i, -level, level));
const start = randomArray([SIZE], 1);

describe('adam', () => {
  const falling = Array.from({ length: 30 }, (_, i) => 0.05 / (1 + i));
  it.each([
    ['Adam', Array<number>(30).fill(1e-2), 0, 1e9, 1],
    ['AdamW', Array<number>(30).fill(1e-2), 0.1, 1e9, 1],
    ['with clipping', Array<number>(30).fill(1e-2), 0, 0.5, 1],
    ['with a falling rate', falling, 0.01, 1, 1],
    // √v is near ε here, where its place in the formula shows.
    ['with tiny gradients', Array<number>(30).fill(1e-2), 0, 1, 1e-8],
  ])('%s as in the papers', async (_, rates, decay, clip, level) => {
    const { weights } = await graphAdam(rates, decay, clip, gradients(level), start);
    const expected = plainAdam(rates, decay, clip, gradients(level), start);
    weights.forEach((w, k) => {
      expect(Math.abs(w - expected[k])).toBeLessThan(3e-6);
    });
  });

  it('gives the norm before clipping', async () => {
    const { norms } = await graphAdam([1e-2], 0, 0.1, gradients(1), start);
    expect(norms[0]).toBeCloseTo(Math.hypot(...gradients(1)[0].data), 5);
  });

  it('with a rate of 0 changes nothing that single precision can tell', async () => {
    const { weights } = await graphAdam(Array<number>(5).fill(0), 0.1, 1, gradients(1), start);
    weights.forEach((w, k) => {
      expect(w).toBeCloseTo(start.data[k], 6);
    });
  });
});
