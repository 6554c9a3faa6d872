import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Resampler } from '../../src/audio/resample.js';
import { UsageError } from '../../src/errors.js';

const rates: [number, number][] = [
  [48000, 16000],
  [16000, 48000],
  [44100, 16000],
  [16000, 44100],
  [8000, 16000],
  [11025, 16000],
  [192000, 16000],
  [16000, 192000],
  [250000, 48000],
  [44101, 16000],
];

function resample(input: Float32Array[], from: number, to: number, chunk = 1000): Float32Array[] {
  const resampler = new Resampler(input.length, from, to);
  const parts: Float32Array[][] = [];
  for (let at = 0; at < input[0].length; at += chunk) {
    parts.push(resampler.process(input.map((channel) => channel.subarray(at, at + chunk))));
  }
  parts.push(resampler.flush());
  return input.map((_, c) => {
    const out = new Float32Array(parts.reduce((sum, part) => sum + part[c].length, 0));
    parts.reduce((at, part) => {
      out.set(part[c], at);
      return at + part[c].length;
    }, 0);
    return out;
  });
}

function same(a: Float32Array[], b: Float32Array[]): boolean {
  return (
    a.length === b.length &&
    a.every((channel, c) => channel.length === b[c].length && channel.every((x, i) => x === b[c][i]))
  );
}

function sine(frequency: number, rate: number, frames: number): Float64Array {
  return Float64Array.from(
    { length: frames },
    (_, i) => 0.9 * Math.sin((2 * Math.PI * frequency * i) / rate + 0.3),
  );
}

/** Power of `got` about `want` in dB under the power of `want`, away from the ends, where the sine starts and stops. */
function signalToError(got: ArrayLike<number>, want: ArrayLike<number>, margin: number): number {
  let signal = 0;
  let error = 0;
  for (let i = margin; i < want.length - margin; i++) {
    signal += want[i] ** 2;
    error += (got[i] - want[i]) ** 2;
  }
  return 10 * Math.log10(signal / error);
}

describe.each(rates)('%i Hz → %i Hz', (from, to) => {
  const nyquist = Math.min(from, to) / 2;
  const frames = Math.round(from * 0.25) + 7;

  it('gives sines of the pass band at over 100 dB signal to error, in phase', () => {
    for (const frequency of [0.013 * nyquist, 0.37 * nyquist, 0.9 * nyquist]) {
      const [out] = resample([Float32Array.from(sine(frequency, from, frames))], from, to);
      const want = sine(frequency, to, Math.round((frames * to) / from));
      expect(out.length).toBe(want.length);
      const margin = Math.ceil((200 * to) / Math.min(from, to));
      expect(signalToError(out, want, margin)).toBeGreaterThan(100);
    }
  });

  it.runIf(to < from)('keeps what lies above the new Nyquist frequency 100 dB down', () => {
    for (const frequency of [1.005 * nyquist, Math.min(1.7 * nyquist, from / 2 - 10)]) {
      const [out] = resample([Float32Array.from(sine(frequency, from, frames))], from, to);
      const inner = out.subarray(300, -300);
      expect(inner.length).toBeGreaterThan(1000);
      expect(10 * Math.log10(inner.reduce((sum, x) => sum + x * x, 0) / inner.length)).toBeLessThan(-100);
    }
  });

  it('leaves an impulse where it was, also the first and the last sample', () => {
    for (const at of [0, 700, frames - 1]) {
      const input = new Float32Array(frames);
      input[at] = 1;
      const [out] = resample([input], from, to);
      const peak = out.reduce((best, x, i) => (Math.abs(x) > Math.abs(out[best]) ? i : best), 0);
      expect(Math.abs(peak - (at * to) / from)).toBeLessThanOrEqual(1.5);
    }
  });

  it('is the same to the bit at every chunking', () => {
    const input = [0, 1].map((c) =>
      Float32Array.from({ length: 1501 }, (_, i) => Math.sin(i * i * (0.001 + c))),
    );
    const whole = resample(input, from, to, Infinity);
    for (const chunk of [1, 17, 1000]) expect(same(resample(input, from, to, chunk), whole)).toBe(true);
    for (let c = 0; c < 2; c++) expect(same(resample([input[c]], from, to), [whole[c]])).toBe(true);
  });
});

describe('the length', () => {
  it('is round(input · ratio) for any rates and length', () => {
    const rate = fc.integer({ min: 80, max: 480 }).map((hundreds) => 100 * hundreds + (hundreds % 3));
    fc.assert(
      fc.property(rate, rate, fc.integer({ min: 0, max: 300 }), (from, to, frames) => {
        const [out] = resample([new Float32Array(frames).fill(1)], from, to, 97);
        expect(out.length).toBe(Math.round((frames * to) / from));
        expect(out.every((sample) => Math.abs(sample) < 1.5)).toBe(true);
      }),
      { numRuns: 12 },
    );
  });

  it('of inputs longer than a block, at ratios far from 1', () => {
    for (const [from, to] of [
      [2_400_000, 8000],
      [8000, 2_400_000],
    ]) {
      const frames = Math.round(from / 20) + 1;
      const [out] = resample([new Float32Array(frames).fill(0.5)], from, to, Infinity);
      expect(out.length).toBe(Math.round((frames * to) / from));
      expect(out[out.length >> 1]).toBeCloseTo(0.5, 5);
    }
  });
});

describe('a resampler', () => {
  it('starts afresh after reset and after flush', () => {
    const input = [Float32Array.from({ length: 500 }, (_, i) => Math.cos(i))];
    const resampler = new Resampler(1, 48000, 16000);
    const once = () => [resampler.process(input)[0].slice(), resampler.flush()[0].slice()];
    const first = once();
    expect(once()).toEqual(first);
    resampler.process(input);
    resampler.reset();
    expect(once()).toEqual(first);
  });

  it('never gives an output later than latencySamples says', () => {
    const resampler = new Resampler(1, 48000, 16000);
    let given = 0;
    for (let taken = 1; taken <= 3000; taken++) {
      given += resampler.process([new Float32Array(1)])[0].length;
      expect(given).toBe(Math.max(0, Math.floor((taken - 1 - resampler.latencySamples) / 3) + 1));
    }
  });

  it('passes equal rates through, with no latency', () => {
    const input = [Float32Array.of(1, -2, 3)];
    expect(new Resampler(1, 16000, 16000).latencySamples).toBe(0);
    expect(resample(input, 16000, 16000, 2)).toEqual(input);
  });

  it.each([
    [0, 16000, 1],
    [16000, 0, 1],
    [16000, 8000.5, 1],
    [Number.NaN, 8000, 1],
    [8000, 16000, 0],
  ])('refuses %d → %d Hz, %d channels', (from, to, channels) => {
    expect(() => new Resampler(channels, from, to)).toThrow(UsageError);
  });
});
