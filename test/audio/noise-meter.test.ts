import { describe, expect, it } from 'vitest';
import { NoiseMeter } from '../../src/audio/noise-meter.js';

const RATE = 16_000;

/** Seeded white noise, uniform in ±amplitude. */
function noise(length: number, amplitude: number): Float32Array {
  let state = 1;
  return Float32Array.from({ length }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state / 2 ** 31 - 1) * amplitude;
  });
}

/** One second of loud tone in every four, the rest silent: speech with pauses. */
function bursts(length: number): Float32Array {
  return Float32Array.from({ length }, (_, n) =>
    Math.floor(n / RATE) % 4 === 0 ? 0.5 * Math.sin((2 * Math.PI * 440 * n) / RATE) : 0,
  );
}

function sum(a: Float32Array, b: Float32Array, gain: number): Float32Array {
  return a.map((value, n) => value + gain * b[n]);
}

/** dB by which the floor went down. */
function reduction({ floors }: NoiseMeter): number | undefined {
  return floors && floors.beforeDbfs - floors.afterDbfs;
}

describe('NoiseMeter', () => {
  const speech = bursts(8 * RATE);
  const hiss = noise(8 * RATE, 0.05);

  it('measures the reduction of the noise, not of the speech', () => {
    const meter = new NoiseMeter(RATE, 1);
    meter.add([sum(speech, hiss, 1)], [sum(speech, hiss, 0.1)]);
    expect(reduction(meter)).toBeCloseTo(20, 3);
    // Uniform noise of ±0.05 has a power of 0.05²/3; the quietest tenth lies a little below.
    expect(meter.floors!.beforeDbfs).toBeCloseTo(10 * Math.log10(0.05 ** 2 / 3), 0);
  });

  it('does not depend on the chunks', () => {
    const input = sum(speech, hiss, 1);
    const output = sum(speech, hiss, 0.3);
    const whole = new NoiseMeter(RATE, 1);
    whole.add([input], [output]);
    const pieces = new NoiseMeter(RATE, 1);
    for (let start = 0, size = 1; start < input.length; start += size, size = (size * 7) % 1009) {
      pieces.add([input.subarray(start, start + size)], [output.subarray(start, start + size)]);
    }
    expect(reduction(pieces)).toBeCloseTo(reduction(whole) ?? Number.NaN, 9);
  });

  it('is 0 dB where nothing changed, and at most 80 dB where all went', () => {
    const untouched = new NoiseMeter(RATE, 2);
    untouched.add([hiss, hiss], [hiss, hiss]);
    expect(reduction(untouched)).toBe(0);
    const muted = new NoiseMeter(RATE, 1);
    muted.add([hiss], [new Float32Array(hiss.length)]);
    expect(reduction(muted)).toBe(80);
  });

  it('knows nothing of digital silence and of recordings shorter than a frame', () => {
    const silent = new NoiseMeter(RATE, 1);
    silent.add([new Float32Array(RATE)], [new Float32Array(RATE)]);
    expect(reduction(silent)).toBeUndefined();
    const short = new NoiseMeter(RATE, 1);
    short.add([hiss.subarray(0, 100)], [hiss.subarray(0, 100)]);
    expect(reduction(short)).toBeUndefined();
  });
});
