import { describe, expect, it } from 'vitest';
import { findNoise } from '../../src/online/noise-finder.js';
import { splitNoise } from '../../src/online/noise-of-place.js';
import { Random } from '../../src/random.js';

const RATE = 16_000;

/** Noise at −40 dBFS throughout, and a loud tone for speech in some stretches of seconds. */
function recording(seconds: number, speech: readonly [number, number][]) {
  const random = new Random(3);
  const samples = Float32Array.from({ length: seconds * RATE }, () => 0.01 * random.normal());
  // A model that takes 20 dB of noise away and keeps the speech.
  const denoised = samples.map((value) => 0.1 * value);
  for (const [from, to] of speech)
    for (let i = from * RATE; i < to * RATE; i++) {
      const tone = 0.3 * Math.sin(0.2 * i);
      samples[i] += tone;
      denoised[i] += tone;
    }
  return { samples, denoised };
}

const inSeconds = (found: readonly { from: number; to: number }[]) =>
  found.map(({ from, to }) => [from / RATE, to / RATE]);

describe('findNoise', () => {
  it('finds the pauses, less 200 ms on both sides of speech', () => {
    const { samples, denoised } = recording(8, [
      [1, 3],
      [4, 6],
    ]);
    const found = inSeconds(findNoise(samples, denoised, RATE));
    expect(found).toHaveLength(3);
    const expected = [
      [0, 0.8],
      [3.2, 3.8],
      [6.2, 8],
    ];
    for (const [i, at] of found.flat().entries()) expect(at).toBeCloseTo(expected.flat()[i], 1);
  });

  it('finds all of a recording in which nobody speaks', () => {
    const { samples, denoised } = recording(4, []);
    expect(inSeconds(findNoise(samples, denoised, RATE))).toEqual([[0, 4]]);
  });

  it('finds nothing where somebody speaks all the time, in silence, and in nothing', () => {
    const { samples, denoised } = recording(4, [[0, 4]]);
    expect(findNoise(samples, denoised, RATE)).toEqual([]);
    const silence = new Float32Array(RATE);
    expect(findNoise(silence, silence, RATE)).toEqual([]);
    expect(findNoise(new Float32Array(0), new Float32Array(0), RATE)).toEqual([]);
  });

  it('leaves out what is clipped, and what is far louder than the rest', () => {
    const { samples, denoised } = recording(10, [
      [2, 3],
      [5, 6],
      [8, 9],
    ]);
    samples[Math.round(3.5 * RATE)] = 1;
    for (let i = 6 * RATE; i < 8 * RATE; i++) samples[i] *= 20;
    const found = inSeconds(findNoise(samples, denoised, RATE));
    expect(found.map(([from]) => Math.round(from))).toEqual([0, 9]);
  });
});

describe('splitNoise', () => {
  it('gives a third of every part to the judgement, and no sample to both', () => {
    const samples = Float32Array.from({ length: 12 * RATE }, (_, i) => i);
    const { train, gate } = splitNoise(samples, [{ from: 0, to: 12 * RATE }], RATE);
    expect(gate.length / RATE).toBeCloseTo(4, 0);
    expect(train.length / RATE).toBeCloseTo(8, 0);
    // Values are positions, but for a few where pieces fade into each other.
    const heard = new Set(train);
    expect(gate.filter((value) => heard.has(value)).length).toBeLessThan(10);
  });

  it('makes of two seconds something that can be played without pauses', () => {
    const { train, gate } = splitNoise(
      new Float32Array(2 * RATE).fill(0.1),
      [{ from: 0, to: 2 * RATE }],
      RATE,
    );
    for (const side of [train, gate]) expect(side.length).toBeGreaterThanOrEqual(1.2 * RATE);
    // The fades keep the power: no dips where pieces meet.
    expect(Math.min(...gate)).toBeGreaterThan(0.09);
  });
});
