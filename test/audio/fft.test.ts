import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isFftSize, realFft } from '../../src/audio/fft.js';

/** The definition, in double precision. */
function discreteFourierTransform(x: Float32Array): Float64Array {
  const spectrum = new Float64Array(x.length + 2);
  for (let k = 0; k <= x.length / 2; k++) {
    for (let n = 0; n < x.length; n++) {
      const angle = (2 * Math.PI * ((k * n) % x.length)) / x.length;
      spectrum[2 * k]! += x[n]! * Math.cos(angle);
      spectrum[2 * k + 1]! -= x[n]! * Math.sin(angle);
    }
  }
  return spectrum;
}

const sizes = fc.constantFrom(32, 64, 96, 160, 480, 512, 1024);
const signal = (size: number) =>
  fc.array(fc.float({ min: -1, max: 1, noNaN: true }), { minLength: size, maxLength: size });

describe('the real FFT', () => {
  it('agrees with the definition, in spectrum and in power', () => {
    fc.assert(
      fc.property(
        sizes.chain((size) => signal(size)),
        (values) => {
          const x = Float32Array.from(values);
          const fft = realFft(x.length);
          const spectrum = new Float32Array(x.length + 2);
          const power = new Float64Array(fft.bins);
          fft.forward(x, spectrum);
          fft.power(x, power);
          const expected = discreteFourierTransform(x);
          for (let k = 0; k < fft.bins; k++) {
            expect(Math.abs(spectrum[2 * k]! - expected[2 * k]!)).toBeLessThan(1e-4);
            expect(Math.abs(spectrum[2 * k + 1]! - expected[2 * k + 1]!)).toBeLessThan(1e-4);
            expect(power[k]).toBeCloseTo(spectrum[2 * k]! ** 2 + spectrum[2 * k + 1]! ** 2, 2);
          }
        },
      ),
      { numRuns: 30 },
    );
  });

  it('is undone by its inverse', () => {
    fc.assert(
      fc.property(
        sizes.chain((size) => signal(size)),
        (values) => {
          const x = Float32Array.from(values);
          const spectrum = new Float32Array(x.length + 2);
          const back = new Float32Array(x.length);
          realFft(x.length).forward(x, spectrum);
          realFft(x.length).inverse(spectrum, back);
          back.forEach((sample, n) => void expect(Math.abs(sample - x[n]!)).toBeLessThan(1e-6));
        },
      ),
      { numRuns: 50 },
    );
  });

  it('keeps one plan per size and survives the growth of its memory', () => {
    const fft = realFft(256);
    const x = Float32Array.from({ length: 256 }, (_, n) => Math.sin(n));
    const [before, after] = [new Float32Array(258), new Float32Array(258)];
    fft.forward(x, before);
    // 2^21 and 2^22 points need 16 and 32 MB: more than the memory that the module starts with.
    realFft(2 ** 21);
    realFft(2 ** 22);
    fft.forward(x, after);
    expect(after).toEqual(before);
    expect(realFft(256)).toBe(fft);
  });

  it('refuses sizes it cannot do and frames of another size', () => {
    for (const size of [0, 16, 31, 33, 224, 100, 1.5, Number.NaN, -32]) {
      expect(isFftSize(size)).toBe(false);
      expect(() => realFft(size)).toThrow(expect.objectContaining({ code: 'E_FFT_SIZE' }));
    }
    expect(() => realFft(64).forward(new Float32Array(63), new Float32Array(66))).toThrow(
      expect.objectContaining({ code: 'E_FFT_LENGTH' }),
    );
  });
});
