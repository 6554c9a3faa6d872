import { describe, expect, it } from 'vitest';
import { meanPower, peak } from '../../../../src/audio/metrics/levels.js';
import { Random } from '../../../../src/random.js';
import { noiseGenerators } from '../../../../src/training/data/synthesis/noise.js';
import { synthesiseRumble } from '../../../../src/training/data/synthesis/rumble.js';
import { openSuddenly } from '../../../../src/training/data/synthesis/sudden.js';
import { addTone, drawPeriod, harmonicsBelow } from '../../../../src/training/data/synthesis/wavetable.js';
import { bits } from '../synthetic-audio.js';

const RATE = 16_000;

describe.each(Object.entries({ ...noiseGenerators, rumble: synthesiseRumble }))('%s', (_name, generate) => {
  it('fills two seconds with finite, audible sound, the same for the same seed', () => {
    for (let seed = 0; seed < 30; seed++) {
      const make = () => {
        const out = new Float32Array(2 * RATE);
        generate(out, RATE, new Random(seed));
        return out;
      };
      const sound = make();
      expect(sound.every(Number.isFinite)).toBe(true);
      expect(meanPower(sound)).toBeGreaterThan(1e-8);
      expect(peak(sound)).toBeLessThan(1000);
      expect(bits(make())).toBe(bits(sound));
    }
  });

  it('differs from seed to seed', () => {
    const sounds = [1, 2, 3].map((seed) => {
      const out = new Float32Array(RATE / 2);
      generate(out, RATE, new Random(seed));
      return bits(out);
    });
    expect(new Set(sounds).size).toBe(3);
  });

  it('works at 8 and 48 kHz and on a few samples', () => {
    for (const [rate, samples] of [
      [8000, 4000],
      [48_000, 24_000],
      [16_000, 5],
    ] as const) {
      const out = new Float32Array(samples);
      generate(out, rate, new Random(4));
      expect(out.every(Number.isFinite)).toBe(true);
    }
  });
});

describe('a tone from a wavetable', () => {
  it('has the pitch and gain asked for', () => {
    const out = new Float32Array(RATE);
    addTone(out, RATE, drawPeriod([1], new Random(1)), () => 440);
    let crossings = 0;
    for (let i = 1; i < out.length; i++) if (out[i - 1]! < 0 && out[i]! >= 0) crossings++;
    expect(Math.abs(crossings - 440)).toBeLessThanOrEqual(1);
    expect(meanPower(out)).toBeCloseTo(0.5, 3);
    const soft = new Float32Array(RATE);
    addTone(
      soft,
      RATE,
      drawPeriod([1], new Random(1)),
      () => 440,
      () => 0.1,
    );
    expect(meanPower(soft)).toBeCloseTo(0.005, 5);
  });

  it('keeps all harmonics below the Nyquist frequency', () => {
    for (const hertz of [20, 100, 1000, 7000]) {
      const count = harmonicsBelow(RATE, hertz);
      expect(count).toBeGreaterThanOrEqual(1);
      expect(count).toBeLessThanOrEqual(40);
      if (count > 1) expect(count * hertz).toBeLessThanOrEqual(0.45 * RATE);
    }
  });
});

describe('openSuddenly', () => {
  it('closes the noise somewhere and leaves it whole somewhere', () => {
    let closed = 0;
    let whole = 0;
    for (let seed = 0; seed < 100; seed++) {
      const samples = new Float32Array(2 * RATE).fill(1);
      openSuddenly(samples, RATE, new Random(seed));
      expect(samples.every((value) => value >= 0 && value <= 1)).toBe(true);
      if (samples.some((value) => value <= 0.1)) closed++;
      if (samples.some((value) => value > 0.999)) whole++;
    }
    expect(closed).toBe(100);
    expect(whole).toBeGreaterThan(97);
  });
});
