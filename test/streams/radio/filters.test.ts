import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { phaseOf } from '../../../streams/radio/demodulators/phase.js';
import { ComplexDecimator } from '../../../streams/radio/filters/complex-decimator.js';
import { planDecimation } from '../../../streams/radio/filters/decimation-plan.js';
import { lowPassTaps } from '../../../streams/radio/filters/kaiser.js';
import { RationalResampler } from '../../../streams/radio/filters/rational-resampler.js';
import { RunningMean } from '../../../streams/radio/filters/running-mean.js';

function responseDb(taps: Float64Array, cyclesPerSample: number): number {
  let re = 0;
  let im = 0;
  for (const [n, tap] of taps.entries()) {
    re += tap * Math.cos(2 * Math.PI * cyclesPerSample * n);
    im += tap * Math.sin(2 * Math.PI * cyclesPerSample * n);
  }
  return 20 * Math.log10(Math.hypot(re, im));
}

describe('lowPassTaps', () => {
  it('keeps the pass-band and reaches the stop-band attenuation', () => {
    const taps = lowPassTaps({ rate: 48_000, passHz: 4_000, stopHz: 6_000, attenuationDb: 70 });
    for (let hz = 0; hz <= 4_000; hz += 100)
      expect(Math.abs(responseDb(taps, hz / 48_000))).toBeLessThan(0.01);
    for (let hz = 6_000; hz <= 24_000; hz += 100) expect(responseDb(taps, hz / 48_000)).toBeLessThan(-69);
  });
});

describe('phaseOf', () => {
  it('is Math.atan2 within 1e-7 rad', () => {
    const part = fc.double({ min: -10, max: 10, noNaN: true });
    fc.assert(
      fc.property(part, part, (re, im) => {
        fc.pre(Math.hypot(re, im) > 1e-100);
        const difference = Math.abs(phaseOf(re, im) - Math.atan2(im, re));
        expect(Math.min(difference, 2 * Math.PI - difference)).toBeLessThan(1e-7);
      }),
    );
    expect(phaseOf(0, 0)).toBe(0);
  });
});

describe('ComplexDecimator', () => {
  it.each([1, 2, 3, 5])('gives what direct convolution gives, keeping one of %d', (factor) => {
    const taps = lowPassTaps({ rate: 1, passHz: 0.1 / factor, stopHz: 0.9 / factor, attenuationDb: 40 });
    const decimator = new ComplexDecimator({ taps, factor, maxInput: 64 });
    const x = Float32Array.from({ length: 64 }, (_, n) => Math.sin(n * n));
    decimator.i.set(x, decimator.writeAt);
    const i = new Float32Array(64);
    const q = new Float32Array(64);
    const count = decimator.run(64, i, q, 0);
    expect(count).toBe(Math.ceil(64 / factor));
    for (let m = 0; m < count; m++) {
      const direct = taps.reduce((sum, tap, k) => sum + tap * (x[m * factor - k] ?? 0), 0);
      expect(i[m]).toBeCloseTo(direct, 6);
      expect(q[m]).toBe(0);
    }
  });
});

describe('planDecimation', () => {
  it.each([200_000, 250_000, 280_000, 900_001, 1_024_000, 2_048_000, 2_400_000, 3_200_000])(
    'comes from %d S/s close above the lowest rate and lets nothing fold into the channel',
    (rate) => {
      const plan = planDecimation(rate, 40_000, 9_000, (r) => r / 500);
      expect(plan.rate).toBeCloseTo(rate / plan.factor, 6);
      expect(plan.rate).toBeGreaterThanOrEqual(40_000);
      expect(plan.rate).toBeLessThanOrEqual(64_000 * 1.05);
      let at = rate;
      for (const { factor, taps } of plan.stages) {
        for (let image = 1; image <= factor / 2; image++) {
          for (const hz of [(image * at) / factor - 9_000, (image * at) / factor + 9_000]) {
            if (hz < at / 2) expect(responseDb(taps, hz / at)).toBeLessThan(-75);
          }
        }
        at /= factor;
      }
    },
  );
});

describe('RationalResampler', () => {
  it.each([
    [50_000, 1, 48_000],
    [250_000, 3, 48_000],
    [900_001, 20, 48_000],
    [8_000, 1, 48_000],
  ])(
    'takes a tone from %d/%d to %d Hz, late by whole samples, with −60 dB of error',
    (inputRate, inputDivisor, outputRate) => {
      const rate = inputRate / inputDivisor;
      const resampler = new RationalResampler({
        inputRate,
        inputDivisor,
        outputRate,
        passHz: 3_000,
        stopHz: Math.min(4_500, rate - 3_000),
        attenuationDb: 70,
        maxInput: 4_000,
        delayBefore: 3.3,
      });
      for (let n = 0; n < 4_000; n++) {
        resampler.input[resampler.writeAt + n] = Math.sin((2 * Math.PI * 1_000 * (n - 3.3)) / rate);
      }
      const out = new Float32Array(resampler.maxOutput);
      const count = resampler.run(4_000, out, 0);
      const late = ((3.3 + resampler.latency) * outputRate) / rate;
      expect(late).toBeCloseTo(Math.round(late), 6);
      for (let m = 2 * Math.round(late); m < count; m++) {
        expect(
          Math.abs(out[m] - Math.sin((2 * Math.PI * 1_000 * (m - Math.round(late))) / outputRate)),
        ).toBeLessThan(1e-3);
      }
    },
  );
});

describe('the running mean', () => {
  it('does not move with the sound when it is subtracted, however young it is', () => {
    const mean = new RunningMean({ rate: 48_000, seconds: 0.5 });
    const tone = Float32Array.from({ length: 9_600 }, (_, n) => Math.sin((2 * Math.PI * 500 * n) / 48_000));
    const left = tone.slice();
    mean.subtract(left, 0, left.length);
    for (let n = 4_800; n < 9_500; n++) {
      const [taken, halfAPeriodLater] = [tone[n] - left[n], tone[n + 48] - left[n + 48]];
      expect(Math.abs(taken - halfAPeriodLater)).toBeLessThan(5e-4);
    }
  });

  it('takes a constant away from the first sample on, and follows a step that is told', () => {
    const mean = new RunningMean({ rate: 1000, seconds: 0.1 });
    const x = new Float32Array(500).fill(0.25);
    mean.subtract(x, 0, 250);
    mean.shift(0.5);
    x.fill(0.75, 250);
    mean.subtract(x, 250, 250);
    expect(Math.max(...x.map(Math.abs))).toBeLessThan(1e-7);
  });
});
