import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Resampler } from '../../src/audio/resample.js';
import { resampleMono } from '../../src/audio/resample-mono.js';
import { UsageError } from '../../src/errors.js';

const rate = fc.constantFrom(8000, 16_000, 44_100, 48_000);

describe('resampleMono', () => {
  it('is what the streaming resampler gives, in one piece', () => {
    fc.assert(
      fc.property(
        rate,
        rate,
        fc.nat(20_000),
        fc.integer({ min: 1, max: 7000 }),
        (from, to, length, chunk) => {
          const sound = Float32Array.from({ length }, (_, i) => Math.sin(i * i * 1e-4));
          const resampler = new Resampler(1, from, to);
          const parts: number[] = [];
          for (let at = 0; at < length; at += chunk)
            parts.push(...resampler.process([sound.subarray(at, at + chunk)])[0]);
          parts.push(...resampler.flush()[0]);
          const whole = resampleMono(sound, from, to);
          expect(whole).toHaveLength(Math.round((length * to) / from));
          expect(whole).toEqual(Float32Array.from(parts));
        },
      ),
      { numRuns: 15 },
    );
  });

  it('leaves alone what is at the rate', () => {
    const sound = Float32Array.of(0.5, -0.25);
    expect(resampleMono(sound, 16_000, 16_000)).toBe(sound);
  });

  it('refuses what is no rate', () => {
    expect(() => resampleMono(new Float32Array(4), 0, 16_000)).toThrow(UsageError);
  });
});
