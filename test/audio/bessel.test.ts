import { describe, expect, it } from 'vitest';
import { besselI0 } from '../../src/audio/bessel.js';

describe('besselI0', () => {
  // Abramowitz & Stegun, table 9.8 (e^−x · I0(x), ten digits).
  it.each([
    [0, 1],
    [0.5, 0.6450352706],
    [1, 0.4657596077],
    [5, 0.1835408126],
    [10, 0.1278333372],
    [20, 0.0897803119],
  ])('at %d has its tabulated value', (x, scaled) => {
    expect(besselI0(x) * Math.exp(-x)).toBeCloseTo(scaled, 9);
  });
});
