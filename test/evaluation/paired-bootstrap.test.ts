import { describe, expect, it } from 'vitest';
import { pairedBootstrap } from '../../src/evaluation/paired-bootstrap.js';
import { Random } from '../../src/random.js';

describe('the paired bootstrap', () => {
  it('gives the mean, and an interval around it that is the same every time', () => {
    const differences = [0.5, 1.5, 1, 2, 0];
    const first = pairedBootstrap(differences);
    expect(first.mean).toBe(1);
    expect(first.low).toBeLessThan(1);
    expect(first.high).toBeGreaterThan(1);
    expect(pairedBootstrap(differences)).toEqual(first);
  });

  it('has no width where all recordings agree', () => {
    expect(pairedBootstrap([0.3, 0.3, 0.3])).toMatchObject({ low: 0.3 });
  });

  it('holds the true mean in about 95 of 100 cases', () => {
    const random = new Random(5);
    let inside = 0;
    for (let n = 0; n < 300; n++) {
      const sample = Array.from({ length: 30 }, () => 1 + random.normal());
      const { low, high } = pairedBootstrap(sample, { resamples: 400, seed: n });
      if (low <= 1 && high >= 1) inside++;
    }
    expect(inside / 300).toBeGreaterThan(0.88);
    expect(inside / 300).toBeLessThan(0.99);
  });

  it('comes near to the interval of the t distribution', () => {
    const random = new Random(9);
    const sample = Array.from({ length: 60 }, () => random.normal());
    const mean = sample.reduce((a, b) => a + b) / 60;
    const error = Math.sqrt(sample.reduce((a, b) => a + (b - mean) ** 2, 0) / 59 / 60);
    const { low, high } = pairedBootstrap(sample, { resamples: 8000 });
    expect(low).toBeCloseTo(mean - 2 * error, 1);
    expect(high).toBeCloseTo(mean + 2 * error, 1);
  });
});
