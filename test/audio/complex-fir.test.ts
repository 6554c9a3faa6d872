import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ComplexFir } from '../../src/audio/complex-fir.js';

it('gives the dot products of taps and samples, at any step, and writes nothing else', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 1, max: 20 }),
      fc.integer({ min: 0, max: 3 }),
      (length, step, count, from) => {
        const taps = Float64Array.from({ length }, (_, k) => Math.sin(k + 1));
        const fir = new ComplexFir(taps, from + (count - 1) * step + length, count + 1);
        for (let n = 0; n < fir.i.length; n++) {
          fir.i[n] = Math.cos(n * n);
          fir.q[n] = Math.sin(n * n + 1);
        }
        fir.run(from, step, count);
        for (let n = 0; n < count; n++) {
          const at = from + n * step;
          const sum = (x: Float32Array) => taps.reduce((total, tap, k) => total + tap * x[at + k], 0);
          expect(fir.outI[n]).toBeCloseTo(sum(fir.i), 4);
          expect(fir.outQ[n]).toBeCloseTo(sum(fir.q), 4);
        }
        expect([fir.outI[count], fir.outQ[count]]).toEqual([0, 0]);
      },
    ),
    { numRuns: 200 },
  );
});
