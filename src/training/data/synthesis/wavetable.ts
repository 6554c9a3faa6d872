import type { Random } from '../../../random.js';

/** Points of one period; the highest harmonic, the 40th, still has 51 of them. */
const SIZE = 2048;
/** A frequency is asked for this often and runs straight in between: 2 ms at 16 kHz. */
const BLOCK = 32;

/** One period of a tone with the given amplitudes of its harmonics, in random phases, with a peak of about 1. */
export function drawPeriod(amplitudes: readonly number[], random: Random): Float32Array {
  const period = new Float32Array(SIZE + 1);
  let total = 0;
  for (const [k, amplitude] of amplitudes.entries()) {
    total += amplitude;
    // cos(a + d) = 2 cos(d) cos(a) − cos(a − d): one product a point.
    const step = (2 * Math.PI * (k + 1)) / SIZE;
    const phase = random.uniform(0, 2 * Math.PI);
    const twice = 2 * Math.cos(step);
    let before = Math.cos(phase - step);
    let value = Math.cos(phase);
    for (let i = 0; i <= SIZE; i++) {
      period[i]! += amplitude * value;
      [before, value] = [value, twice * value - before];
    }
  }
  for (let i = 0; i <= SIZE; i++) period[i]! /= total;
  return period;
}

/**
 * Adds a periodic tone of changing pitch.
 *
 * @param out `[samples]`, added to. @param period from {@link drawPeriod}
 * @param hertzAt pitch at a time in seconds. @param gainAt gain at a time in seconds; default 1
 */
export function addTone(
  out: Float32Array,
  sampleRate: number,
  period: Float32Array,
  hertzAt: (seconds: number) => number,
  gainAt: (seconds: number) => number = () => 1,
): void {
  let position = 0;
  let hertz = hertzAt(0);
  let gain = gainAt(0);
  for (let start = 0; start < out.length; start += BLOCK) {
    const end = Math.min(start + BLOCK, out.length);
    const seconds = (start + BLOCK) / sampleRate;
    const [nextHertz, nextGain] = [hertzAt(seconds), gainAt(seconds)];
    for (let i = start; i < end; i++) {
      const share = (i - start) / BLOCK;
      position += ((hertz + share * (nextHertz - hertz)) * SIZE) / sampleRate;
      while (position >= SIZE) position -= SIZE;
      const at = position | 0;
      const value = period[at]! + (position - at) * (period[at + 1]! - period[at]!);
      out[i]! += (gain + share * (nextGain - gain)) * value;
    }
    hertz = nextHertz;
    gain = nextGain;
  }
}

/** How many harmonics of a pitch fit below 0.45 of the rate, at most `most`. */
export function harmonicsBelow(sampleRate: number, highestHertz: number, most = 40): number {
  return Math.max(1, Math.min(most, Math.floor((0.45 * sampleRate) / highestHertz)));
}
