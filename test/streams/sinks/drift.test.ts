import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DriftCompensator, DriftController } from '../../../streams/sinks/drift.js';
import { VariableResampler } from '../../../streams/sinks/variable-resampler.js';

const sine = (length: number, cyclesPerSample: number) =>
  Float32Array.from({ length }, (_, i) => Math.sin(2 * Math.PI * cyclesPerSample * i));

/** Signal to error, dB, of `output` against a tone sampled at `step` times its original distance. */
function fidelity(output: Float32Array, cyclesPerSample: number, step: number): number {
  let signal = 0;
  let error = 0;
  for (let i = 100; i < output.length - 100; i++) {
    const wanted = Math.sin(2 * Math.PI * cyclesPerSample * step * i);
    signal += wanted ** 2;
    error += (output[i]! - wanted) ** 2;
  }
  return 10 * Math.log10(signal / error);
}

describe('variable resampler', () => {
  it.each([0.01, 0.1, 0.25, 0.4, 0.43])('interpolates a tone at %f of the rate to better than 80 dB', (f) => {
    for (const step of [1, 1.0002, 0.9998, 1.001, 0.999]) {
      const [output] = new VariableResampler(1).process([sine(6000, f)], step);
      expect(fidelity(output!, f, step)).toBeGreaterThan(80);
    }
  });

  it('gives the same samples at every chunking, tail included', () => {
    const input = sine(3000, 0.05);
    const whole = new VariableResampler(1);
    const expected = [...whole.process([input], 1.0007)[0]!, ...whole.flush(1.0007)[0]!];
    expect(expected.length).toBe(Math.ceil(3000 / 1.0007));
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 7, max: 500 }), { minLength: 1 }), (sizes) => {
        const resampler = new VariableResampler(1);
        const output: number[] = [];
        for (let start = 0, k = 0; start < input.length; k++) {
          const end = Math.min(input.length, start + sizes[k % sizes.length]!);
          output.push(...resampler.process([input.subarray(start, end)], 1.0007)[0]!);
          start = end;
        }
        output.push(...resampler.flush(1.0007)[0]!);
        expect(output.length).toBe(expected.length);
        for (let i = 0; i < output.length; i++)
          expect(Math.abs(output[i]! - expected[i]!)).toBeLessThan(1e-5);
      }),
      { numRuns: 8 },
    );
  });

  it('starts anew after reset', () => {
    const resampler = new VariableResampler(2);
    const input = [sine(500, 0.03), sine(500, 0.07)];
    const first = resampler.process(input, 0.9995);
    resampler.reset();
    expect(resampler.process(input, 0.9995)).toEqual(first);
  });
});

const RATE = 4000;
const TONE = 440 / RATE;

/**
 * Plays `minutes` of a tone from a source to a speaker whose clocks differ by `ppm`, in simulated time: the source gives
 * `block` samples at once, the speaker takes `period`.
 */
function play(ppm: number, minutes: number, block: number, period: number, startFill: number) {
  const drift = new DriftCompensator({ sampleRate: RATE, channels: 1 });
  const sourceSeconds = block / (RATE * (1 + ppm * 1e-6));
  const speakerSeconds = period / RATE;
  let fill = startFill;
  let underruns = 0;
  let [least, most] = [Number.POSITIVE_INFINITY, 0];
  let largestJump = 0;
  let [a, b] = [0, 0];
  let produced = 0;
  let nextTake = speakerSeconds;
  const twoCos = 2 * Math.cos(2 * Math.PI * TONE);
  const input = new Float32Array(block);
  const blocks = Math.floor((minutes * 60 * RATE) / block);
  for (let n = 0; n < blocks; n++) {
    const now = (n + 1) * sourceSeconds;
    for (; nextTake <= now; nextTake += speakerSeconds) {
      if (fill < period) underruns++;
      fill = Math.max(0, fill - period);
    }
    least = Math.min(least, fill);
    for (let i = 0; i < block; i++) input[i] = Math.sin(2 * Math.PI * ((TONE * (n * block + i)) % 1));
    for (const x of drift.process([input], fill)[0]!) {
      // A pure tone obeys x[n+1] = 2cos(w)x[n] − x[n−1]; a click does not.
      if (produced++ > 100) largestJump = Math.max(largestJump, Math.abs(x - twoCos * b + a));
      a = b;
      b = x;
      fill++;
    }
    most = Math.max(most, fill);
  }
  return { underruns, least, most, largestJump, ppm: drift.controller.correctionPpm };
}

describe('clock drift', () => {
  it.each([200, -200])('of %i ppm is absorbed for 30 minutes: no underrun, no overrun, no click', (ppm) => {
    const result = play(ppm, 30, 40, 20, 200);
    expect(result.underruns).toBe(0);
    expect(result.least).toBeGreaterThan(0.008 * RATE);
    expect(result.most).toBeLessThan(0.08 * RATE);
    // Half a thousandth of full scale; a lost sample of this tone makes 0.3.
    expect(result.largestJump).toBeLessThan(5e-4);
    expect(result.ppm).toBeGreaterThan(ppm - 100);
    expect(result.ppm).toBeLessThan(ppm + 100);
  });

  it('is absorbed with the lumps of rtl_tcp, 128 ms at once', () => {
    const result = play(150, 10, 512, 40, 800);
    expect(result.underruns).toBe(0);
    expect(result.most).toBeLessThan(0.25 * RATE);
  });

  it('brings a buffer that is too full down again, at no more than 1000 ppm', () => {
    const controller = new DriftController();
    let fill = 0.3;
    let largest = 0;
    let step = 0;
    let before = 0;
    for (let second = 0; second < 1200; second++) {
      controller.update(fill, 1);
      fill -= controller.correctionPpm * 1e-6;
      largest = Math.max(largest, Math.abs(controller.correctionPpm));
      step = Math.max(step, Math.abs(controller.correctionPpm - before));
      before = controller.correctionPpm;
      expect(fill).toBeGreaterThan(0.005);
    }
    expect(largest).toBeLessThanOrEqual(1000);
    expect(step).toBeLessThanOrEqual(100);
    expect(fill).toBeCloseTo(0.02, 2);
  });
});
