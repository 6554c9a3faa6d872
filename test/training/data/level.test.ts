import { describe, expect, it } from 'vitest';
import { meanPower } from '../../../src/audio/metrics/levels.js';
import { activePower, quantiseMuLaw } from '../../../src/training/data/level.js';
import { whiteNoise } from './synthetic-audio.js';

describe('activePower', () => {
  it('is the mean power of what sounds throughout, pauses or not', () => {
    const sound = whiteNoise(1, 1).subarray(0, 62 * 256);
    const power = meanPower(sound);
    expect(activePower(sound)).toBeCloseTo(power, 9);
    const half = new Float32Array(4 * sound.length);
    half.set(sound, 256 * 10);
    expect(activePower(half)).toBeCloseTo(power, 9);
    // A hum 40 dB below the speech is a pause, one 20 dB below is not.
    const mixed = (gain: number) => activePower(half.map((x, i) => x || gain * sound[i % sound.length]));
    expect(mixed(0.01)).toBeCloseTo(power, 9);
    expect(mixed(0.1)).toBeLessThan(0.5 * power);
  });

  it('is 0 for silence', () => {
    expect(activePower(new Float32Array(1000))).toBe(0);
    expect(activePower(new Float32Array(0))).toBe(0);
  });
});

describe('quantiseMuLaw', () => {
  it('keeps quiet and loud samples to a few per cent, as companding does', () => {
    for (const value of [0.9, 0.3, 0.05, 0.01, -0.01, -0.5]) {
      const coded = Float32Array.of(value);
      quantiseMuLaw(coded);
      expect(Math.abs(coded[0] / value - 1)).toBeLessThan(0.08);
    }
    const codes = Float32Array.from({ length: 10_001 }, (_, i) => i / 5000 - 1);
    quantiseMuLaw(codes);
    expect(new Set(codes.map((x) => x + 0)).size).toBe(255);
  });
});
