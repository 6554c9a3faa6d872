import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PowerSpectra } from '../../src/audio/stft.js';
import { uniform } from './metrics/signals.js';

const signal = Float32Array.from(uniform(900, 3));

function spectraOf(hop: number, cuts: readonly number[]): Float64Array[] {
  const spectra: Float64Array[] = [];
  const stft = new PowerSpectra({ size: 128, hop });
  let from = 0;
  for (const to of [...[...cuts].sort((a, b) => a - b), signal.length]) {
    stft.push(signal.subarray(from, to), (power) => spectra.push(power.slice()));
    from = to;
  }
  stft.flush((power) => spectra.push(power.slice()));
  return spectra;
}

describe('streaming power spectra', () => {
  it('are the same at every chunking', () => {
    const cuts = fc.array(fc.nat(signal.length), { maxLength: 30 });
    fc.assert(
      fc.property(fc.constantFrom(7, 32, 50, 127, 128), cuts, (hop, at) => {
        expect(spectraOf(hop, at).map((power) => power.join())).toEqual(
          spectraOf(hop, []).map((power) => power.join()),
        );
      }),
      { numRuns: 25 },
    );
  });

  it('give a sine of full scale power 1 in its bin', () => {
    const stft = new PowerSpectra({ size: 512, hop: 512 });
    const sine = Float32Array.from({ length: 512 }, (_, n) => Math.cos((2 * Math.PI * 40 * n) / 512));
    stft.push(sine, (power) => {
      expect(power[40]).toBeCloseTo(1, 4);
      expect(power[60]).toBeLessThan(1e-10);
    });
    expect.assertions(2);
  });

  it('cover every sample once when frames only touch', () => {
    expect(spectraOf(128, [])).toHaveLength(Math.ceil(900 / 128));
  });

  it('refuse a hop that does not fit', () => {
    for (const hop of [0, 129, 1.5, Number.NaN]) {
      expect(() => new PowerSpectra({ size: 128, hop })).toThrow(expect.objectContaining({ code: 'E_HOP' }));
    }
  });
});
