import { describe, expect, it } from 'vitest';
import { successTier } from '../../../src/training/diagnose/tiers.js';

describe('successTier', () => {
  it('needs all three limits, each exclusive', () => {
    expect(successTier(0.0009, 0.00107)).toBe('excellent');
    expect(successTier(0.001, 0.00107)).toBe('good');
    expect(successTier(0.0009, 0.00109)).toBe('good'); // ratio 1.21
    expect(successTier(0.0049, 0.0068)).toBe('good');
    expect(successTier(0.0049, 0.007)).toBe('minimum');
    expect(successTier(0.0099, 0.0148)).toBe('minimum');
    expect(successTier(0.01, 0.0101)).toBe('none');
    expect(successTier(0.0099, 0.0149)).toBe('none'); // ratio 1.505
    expect(successTier(0.0001, 0.00016)).toBe('none'); // tiny, but over-fitted: ratio 1.6
  });

  it('takes the ends of the scale', () => {
    expect(successTier(0, 0)).toBe('excellent');
    expect(successTier(0, 0.001)).toBe('none');
    expect(successTier(Number.NaN, 0)).toBe('none');
    expect(successTier(0.001, Number.POSITIVE_INFINITY)).toBe('none');
  });
});
