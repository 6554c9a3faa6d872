import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rateText } from '../../../src/training/diagnose/number-text.js';
import { higher, moderatelyLower, tenfoldLower } from '../../../src/training/diagnose/rates.js';

describe('rates', () => {
  it('follow the ladder of the tuning notes', () => {
    expect(tenfoldLower(1e-3)).toBe(1e-4);
    expect(tenfoldLower(5e-4)).toBe(5e-5);
    expect(moderatelyLower(1e-3)).toBe(3e-4);
    expect([tenfoldLower(1), moderatelyLower(1)]).toEqual([1e-3, 1e-3]);
    expect([1e-4, 5e-5].map(tenfoldLower)).toEqual([5e-5, 3e-5]);
    expect([1e-4, 5e-5].map(moderatelyLower)).toEqual([5e-5, 3e-5]);
    expect([1e-6, 1e-4, 3e-3, 1e-2].map(higher)).toEqual([1e-4, 3e-4, 3e-3, 1e-2]);
  });

  it('always go the way they say', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-9, max: 1, noNaN: true }), (rate) => {
        expect(tenfoldLower(rate)).toBeLessThan(rate);
        expect(moderatelyLower(rate)).toBeLessThan(rate);
        expect(higher(rate)).toBeGreaterThanOrEqual(rate);
      }),
    );
  });

  it('are written without exponent, and read back the same', () => {
    expect(rateText(3e-5)).toBe('0.00003');
    expect(rateText(30)).toBe('30');
    fc.assert(
      fc.property(fc.double({ min: 1e-9, max: 1, noNaN: true }), (rate) => {
        const rounded = Number(rate.toPrecision(2));
        expect(Number(rateText(rounded))).toBe(rounded);
      }),
    );
  });
});
