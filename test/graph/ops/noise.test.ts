import { describe, expect, it } from 'vitest';
import { Graph } from '../../../src/graph/graph.js';
import { dropoutMask, gaussianNoise, uniformNoise } from '../../../src/graph/ops/noise.js';
import { array } from '../../support/nd-array.js';
import { evaluate, startGraph } from '../../support/run-graph.js';

const SIZE = 16_384;
/** Standard deviations of a statistic that are still called chance; 5 comes up once in two million. */
const CHANCE = 5;

type Kind = (seed: Parameters<typeof uniformNoise>[0], site: number) => ReturnType<typeof uniformNoise>;
const uniform: Kind = (seed, site) => uniformNoise(seed, site, [256, SIZE / 256]);
const gaussian: Kind = (seed, site) => gaussianNoise(seed, site, [256, SIZE / 256]);

async function draw(kind: Kind, seed: number, ...sites: number[]): Promise<Float64Array[]> {
  const results = await evaluate(new Graph(), [array([], [seed])], (s) => sites.map((site) => kind(s, site)));
  return results.map(({ data }) => data);
}

const average = (x: Float64Array): number => x.reduce((a, b) => a + b, 0) / x.length;
const moment = (x: Float64Array, k: number): number => {
  const mean = average(x);
  return average(x.map((v) => (v - mean) ** k));
};
/** Pearson's correlation; of independent sequences it has deviation 1/√n. */
function correlation(x: Float64Array, y: Float64Array): number {
  const [mx, my] = [average(x), average(y)];
  return average(x.map((v, i) => (v - mx) * (y[i] - my))) / Math.sqrt(moment(x, 2) * moment(y, 2));
}
const independent = (x: Float64Array, y: Float64Array): boolean =>
  Math.abs(correlation(x, y)) < CHANCE / Math.sqrt(Math.min(x.length, y.length));

// Training feeds the number of the step, up to 2^20: large seeds must not run out of bits.
const seeds = [0, 1, 99_999, 1_048_575];

describe.each(seeds)('uniform noise of seed %d', (seed) => {
  it('fills [0, 1) evenly', async () => {
    const [u] = await draw(uniform, seed, 0);
    expect(u.every((v) => v >= 0 && v < 1)).toBe(true);
    expect(Math.abs(average(u) - 0.5)).toBeLessThan(CHANCE * Math.sqrt(1 / 12 / SIZE));
    expect(moment(u, 2)).toBeCloseTo(1 / 12, 2);
    const cells = new Float64Array(64);
    for (const v of u) cells[Math.floor(64 * v)]++;
    const expected = SIZE / 64;
    const chiSquare = cells.reduce((total, n) => total + (n - expected) ** 2 / expected, 0);
    // χ² with 63 degrees of freedom: mean 63, deviation √126.
    expect(chiSquare).toBeLessThan(63 + CHANCE * Math.sqrt(126));
  });

  it('has no pattern from one number to the next', async () => {
    const [u] = await draw(uniform, seed, 0);
    for (const lag of [1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144, 233, 256, 377, 512, 610, 987, 1024, 4181])
      expect(independent(u.subarray(0, SIZE - lag), u.subarray(lag)), `lag ${lag}`).toBe(true);
    // Pairs of neighbours fill the square evenly too.
    const cells = new Float64Array(256);
    for (let i = 0; i + 1 < SIZE; i += 2) cells[16 * Math.floor(16 * u[i]) + Math.floor(16 * u[i + 1])]++;
    const expected = SIZE / 2 / 256;
    const chiSquare = cells.reduce((total, n) => total + (n - expected) ** 2 / expected, 0);
    expect(chiSquare).toBeLessThan(255 + CHANCE * Math.sqrt(510));
  });

  it('is unrelated between sites and between steps', async () => {
    const [a, b, c, half] = await draw(uniform, seed, 0, 1, 2, 0.5);
    const [next] = await draw(uniform, seed === 1_048_575 ? 0 : seed + 1, 0);
    for (const other of [b, c, half, next]) expect(independent(a, other)).toBe(true);
    expect(independent(b, c)).toBe(true);
  });
});

it.each([0, 1_000_000])('no two of a thousand steps from %d draw the same numbers', async (first) => {
  const g = new Graph();
  g.output('u', uniformNoise(g.input('seed', []), 0, [4]));
  const running = await startGraph(g);
  const drawn = new Set<string>();
  for (let seed = first; seed < first + 1000; seed++)
    drawn.add((await running.run({ seed: array([], [seed]) })).u.data.join());
  await running.close();
  expect(drawn.size).toBe(1000);
});

describe('gaussian noise', () => {
  it.each(seeds)('of seed %d has the moments of a normal distribution', async (seed) => {
    const [x] = await draw(gaussian, seed, 3);
    expect(x.every(Number.isFinite)).toBe(true);
    expect(Math.abs(average(x))).toBeLessThan(CHANCE / Math.sqrt(SIZE));
    expect(Math.abs(moment(x, 2) - 1)).toBeLessThan(CHANCE * Math.sqrt(2 / SIZE));
    expect(Math.abs(moment(x, 3))).toBeLessThan(CHANCE * Math.sqrt(15 / SIZE));
    expect(Math.abs(moment(x, 4) - 3)).toBeLessThan(CHANCE * Math.sqrt(96 / SIZE));
  });

  it('is unrelated between neighbouring sites, which share no draws', async () => {
    const [a, b] = await draw(gaussian, 7, 0, 1);
    expect(independent(a, b)).toBe(true);
  });
});

describe('dropout', () => {
  it.each([0.1, 0.5, 0.9])('of %d zeroes that share and keeps the mean', async (p) => {
    const [mask] = await draw((seed, site) => dropoutMask(seed, site, [SIZE], p), 5, 0);
    const kept = mask.filter((v) => v !== 0);
    expect(kept.every((v) => v === Math.fround(1 / (1 - p)))).toBe(true);
    const deviation = Math.sqrt((p * (1 - p)) / SIZE);
    expect(Math.abs(1 - kept.length / SIZE - p)).toBeLessThan(CHANCE * deviation);
  });
});

describe('determinism', () => {
  it.each([uniform, gaussian])(
    'the same seed and site give the same bits, in another session too',
    async (kind) => {
      const [first] = await draw(kind, 12, 4);
      const [again] = await draw(kind, 12, 4);
      expect(again).toEqual(first);
    },
  );
});
