import fc from 'fast-check';
import { expect, it } from 'vitest';
import { bandShares } from '../../models/spectral-front.js';

it('shares every bin out among neighbouring bands, low bands narrow and high bands wide', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 16, max: 512 }),
      fc.integer({ min: 1, max: 80 }),
      fc.integer({ min: 8000, max: 48_000 }),
      (bins, bands, sampleRate) => {
        const shares = bandShares({ sampleRate, window: 2 * bins, bands });
        const fits = Array.from({ length: bins }, (_, bin) => {
          const row = shares.subarray(bin * bands, (bin + 1) * bands);
          const total = row.reduce((a, b) => a + b, 0);
          const few = row.filter((share) => share > 1e-12).length <= 2;
          return Math.abs(total - 1) < 1e-9 && few && row.every((share) => share >= -1e-12);
        });
        expect(fits).not.toContain(false);
      },
    ),
    { numRuns: 30 },
  );
  const shares = bandShares({ sampleRate: 16_000, window: 512, bands: 40 });
  const binsOf = (band: number): number =>
    Array.from({ length: 256 }, (_, bin) => shares[bin * 40 + band]).filter((share) => share > 0).length;
  expect(binsOf(38)).toBeGreaterThan(5 * binsOf(8));
  expect(shares[0]).toBe(1);
  expect(shares[256 * 40 - 1]).toBeCloseTo(1, 9);
});
