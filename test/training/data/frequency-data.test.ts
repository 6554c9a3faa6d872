import { describe, expect, it } from 'vitest';
import { FREQUENCY_TEST_SEED, FrequencyData } from '../../../src/training/data/frequency-data.js';
import { bits } from './synthetic-audio.js';

const mean = (values: Float32Array) => values.reduce((a, b) => a + b, 0) / values.length;

describe('FrequencyData', () => {
  it('gives the rows of the guides: four sines, 1000 samples a second, ten seconds', () => {
    const data = new FrequencyData();
    expect([data.rows, data.samples, data.inputWidth]).toEqual([4, 10_000, 5]);
    for (const [row, frequency] of [1, 3, 5, 7].entries()) {
      for (const n of [0, 1, 250, 9999]) {
        expect(data.targets[row][n]).toBeCloseTo(Math.sin((2 * Math.PI * frequency * n) / 1000), 6);
      }
    }
  });

  it('is the mean of the pure sines when amplitude and phase do not change', () => {
    const data = new FrequencyData({ amplitude: [1, 1], phaseTurns: 0 });
    for (let n = 0; n < data.samples; n += 37) {
      expect(data.mixture[n]).toBeCloseTo(mean(Float32Array.from(data.targets, (t) => t[n])), 6);
    }
  });

  it('draws amplitudes uniformly from 0.8 to 1.2 at every sample', () => {
    // One sine at its crest throughout: 250 Hz of 1000 gives sin = 0, 1, 0, −1.
    const data = new FrequencyData({ frequencies: [250], phaseTurns: 0 });
    const crests = data.mixture.filter((_, n) => n % 4 === 1);
    expect(Math.min(...crests)).toBeGreaterThan(0.799);
    expect(Math.min(...crests)).toBeLessThan(0.81);
    expect(Math.max(...crests)).toBeLessThan(1.201);
    expect(Math.max(...crests)).toBeGreaterThan(1.19);
    expect(mean(crests)).toBeCloseTo(1, 2);
  });

  it('holds nothing of the target with a whole turn of phase noise, and nearly all with the default', () => {
    const correlation = (phaseTurns: number) => {
      const data = new FrequencyData({ frequencies: [5], phaseTurns });
      let product = 0;
      for (let n = 0; n < data.samples; n++) product += data.mixture[n] * data.targets[0][n];
      return (2 * product) / data.samples;
    };
    expect(Math.abs(correlation(1))).toBeLessThan(0.05);
    expect(correlation(0.05)).toBeGreaterThan(0.95);
  });

  it('hears other noise under the test seed and the same under the same seed', () => {
    const train = new FrequencyData({ seconds: 1 });
    const test = new FrequencyData({ seconds: 1 }, FREQUENCY_TEST_SEED);
    expect(bits(new FrequencyData({ seconds: 1 }).mixture)).toBe(bits(train.mixture));
    expect(bits(test.mixture)).not.toBe(bits(train.mixture));
    expect(test.targets.map(bits)).toEqual(train.targets.map(bits));
  });

  it.each([1, 10, 50, 100])('covers every sample of every row once in chunks of %i', (length) => {
    const data = new FrequencyData({ seconds: 1 });
    const inputs = new Float32Array(2 * length * 5);
    const targets = new Float32Array(2 * length);
    const wanted = (row: number, n: number) => [
      data.mixture[n],
      ...[0, 1, 2, 3].map((r) => (r === row ? 1 : 0)),
    ];
    const [inputsSeen, targetsSeen]: [number[][], number[][]] = [[], []];
    for (let c = 0; c < data.chunks(length); c++) {
      data.chunk(c, length, [3, 0], inputs, targets);
      for (let n = 0; n < length; n++) {
        inputsSeen.push([
          ...inputs.subarray(5 * n, 5 * n + 5),
          ...inputs.subarray(5 * (length + n)).slice(0, 5),
        ]);
        targetsSeen.push([targets[n], targets[length + n]]);
      }
    }
    const all = Array.from({ length: 1000 }, (_, n) => n);
    expect(inputsSeen).toEqual(all.map((n) => [...wanted(3, n), ...wanted(0, n)]));
    expect(targetsSeen).toEqual(all.map((n) => [data.targets[3][n], data.targets[0][n]]));
    expect(data.chunks(length) * length).toBe(1000);
  });

  it('refuses a chunk longer than the signal and a sine above half the rate', () => {
    expect(() => new FrequencyData({ seconds: 0.01 }).chunks(50)).toThrow(/no chunk of 50/);
    expect(() => new FrequencyData({ frequencies: [600] })).toThrow(/below half/);
  });
});
