import { describe, expect, it } from 'vitest';
import { meanPower } from '../../../../src/audio/metrics/levels.js';
import { Random } from '../../../../src/random.js';
import { applyAgc } from '../../../../src/training/data/synthesis/agc.js';
import { losePackets, quantiseAdpcm, quantiseALaw } from '../../../../src/training/data/synthesis/codec.js';
import { drawMicrophone } from '../../../../src/training/data/synthesis/microphone.js';

const RATE = 16_000;
const tone = (gain: number, hertz = 300, samples = RATE) =>
  Float32Array.from({ length: samples }, (_, i) => gain * Math.sin((2 * Math.PI * hertz * i) / RATE));
const snrDb = (clean: Float32Array, coded: Float32Array) =>
  10 * Math.log10(meanPower(clean) / meanPower(clean.map((x, i) => x - coded[i]!)));

describe('codecs', () => {
  it('A-law gives 38 dB over a wide range of levels and never exceeds full scale', () => {
    for (const gain of [1, 0.3, 0.1, 0.03]) {
      const coded = tone(gain);
      quantiseALaw(coded);
      expect(snrDb(tone(gain), coded)).toBeGreaterThan(33);
      expect(coded.every((value) => Math.abs(value) <= 1)).toBe(true);
    }
    expect(Array.from(withALaw([0, 1, -1]))).toEqual([0, 1, -1]);
  });

  it.each([
    [2, 4],
    [3, 12],
    [4, 18],
  ] as const)('ADPCM of %d bits follows a tone with at least %d dB', (bits, least) => {
    for (const gain of [0.8, 0.1, 0.01]) {
      const coded = tone(gain, 300, 2 * RATE);
      quantiseAdpcm(coded, bits);
      const half = coded.subarray(RATE);
      expect(snrDb(tone(gain, 300, 2 * RATE).subarray(RATE), half)).toBeGreaterThan(least);
    }
  });

  it('loses whole packets, a few per cent of them', () => {
    let lost = 0;
    let total = 0;
    for (let seed = 0; seed < 40; seed++) {
      const samples = tone(0.5, 310);
      losePackets(samples, RATE, new Random(seed));
      const clean = tone(0.5, 310);
      for (let start = 0; start < RATE; start += 320) {
        const same = clean.subarray(start, start + 320).every((value, i) => value === samples[start + i]);
        total++;
        if (!same) lost++;
      }
    }
    expect(lost / total).toBeGreaterThan(0.01);
    expect(lost / total).toBeLessThan(0.1);
  });
});

function withALaw(values: number[]): Float32Array {
  const samples = Float32Array.from(values);
  quantiseALaw(samples);
  return samples;
}

describe('applyAgc', () => {
  it('brings soft and loud parts together, and scales the target alike', () => {
    for (let seed = 0; seed < 20; seed++) {
      const noisy = Float32Array.from(
        { length: 4 * RATE },
        (_, i) => (i < 2 * RATE ? 0.02 : 0.5) * Math.sin(i / 9),
      );
      const clean = noisy.map((value) => 0.5 * value);
      applyAgc(noisy, clean, RATE, new Random(seed));
      const before = 20 * Math.log10(0.5 / 0.02);
      const after =
        10 * Math.log10(meanPower(noisy.subarray(3 * RATE)) / meanPower(noisy.subarray(RATE, 2 * RATE)));
      expect(after).toBeLessThan(before - 3);
      expect(clean.every((value, i) => Math.abs(value - 0.5 * noisy[i]!) < 1e-5)).toBe(true);
    }
  });

  it('leaves silence silent', () => {
    const silence = new Float32Array(1000);
    applyAgc(silence, new Float32Array(1000), RATE, new Random(1));
    expect(silence.every((value) => value === 0)).toBe(true);
  });
});

describe('drawMicrophone', () => {
  it('is smooth, finite, near 1 in the middle and lower at 0 Hz', () => {
    for (let seed = 0; seed < 50; seed++) {
      const gains = new Float32Array(1025);
      drawMicrophone(gains, RATE, new Random(seed));
      expect(gains.every((gain) => gain >= 0 && gain < 3)).toBe(true);
      expect(gains[0]).toBeLessThan(0.1);
      const middle = gains[128]!;
      expect(middle).toBeGreaterThan(0.4);
    }
  });
});
