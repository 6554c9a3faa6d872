import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  estoi,
  logSpectralDistance,
  peak,
  peakDbfs,
  rmsDbfs,
  segmentalSnr,
  siSdr,
  stoi,
} from '../../../src/audio/metrics/index.js';
import goldens from './metrics.golden.json' with { type: 'json' };
import { processedAs, speechLike } from './signals.js';

const rate = 16_000;
const speech = speechLike(2 * rate, rate, 1);
const noisy = processedAs('noise', speech, 1);
const silence = new Float32Array(2 * rate);

describe('golden figures of the NumPy reference', () => {
  it.each(goldens)('$kind at $sampleRate Hz', (golden) => {
    const clean = speechLike(golden.samples, golden.sampleRate, golden.seed);
    const processed = processedAs(golden.kind, clean, golden.seed);
    expect(siSdr(processed, clean)).toBeCloseTo(golden.siSdr, 4);
    expect(Math.abs(estoi(clean, processed, golden.sampleRate) - golden.estoi)).toBeLessThan(1e-5);
    expect(Math.abs(stoi(clean, processed, golden.sampleRate) - golden.stoi)).toBeLessThan(1e-5);
    expect(segmentalSnr(clean, processed, golden.sampleRate)).toBeCloseTo(golden.segmentalSnr, 4);
    expect(logSpectralDistance(clean, processed, golden.sampleRate)).toBeCloseTo(
      golden.logSpectralDistance,
      3,
    );
  });
});

describe('SI-SDR', () => {
  it('does not change with the scale or the offset of either signal', () => {
    const figure = siSdr(noisy, speech);
    fc.assert(
      fc.property(
        fc.double({ min: 0.05, max: 20, noNaN: true }),
        fc.double({ min: -0.5, max: 0.5, noNaN: true }),
        (scale, offset) => {
          expect(
            siSdr(
              noisy.map((sample) => -scale * sample + offset),
              speech,
            ),
          ).toBeCloseTo(figure, 2);
          expect(
            siSdr(
              noisy,
              speech.map((sample) => scale * sample + offset),
            ),
          ).toBeCloseTo(figure, 2);
        },
      ),
      { numRuns: 20 },
    );
  });

  it('is infinite for an exact copy and minus infinite for silence', () => {
    expect(siSdr(speech, speech)).toBe(Number.POSITIVE_INFINITY);
    expect(siSdr(silence, speech)).toBe(Number.NEGATIVE_INFINITY);
  });

  it('needs a reference that holds something', () => {
    expect(() => siSdr(speech, silence)).toThrow(expect.objectContaining({ code: 'E_SILENT_REFERENCE' }));
    expect(() =>
      siSdr(
        speech,
        silence.map(() => 0.25),
      ),
    ).toThrow(expect.objectContaining({ code: 'E_SILENT_REFERENCE' }));
  });
});

describe('STOI and ESTOI', () => {
  it.each([
    ['STOI', stoi],
    ['ESTOI', estoi],
  ])('%s is 1 for a copy at any level, 0 for silence, and falls with noise', (_, measure) => {
    expect(
      measure(
        speech,
        speech.map((sample) => 0.1 * sample),
        rate,
      ),
    ).toBeCloseTo(1, 5);
    expect(measure(speech, silence, rate)).toBeCloseTo(0, 9);
    const noisier = measure(speech, processedAs('loud noise', speech, 1), rate);
    expect(measure(speech, noisy, rate)).toBeGreaterThan(noisier + 0.05);
  });

  it.each([
    ['STOI', stoi],
    ['ESTOI', estoi],
  ])('%s says so when there is too little speech', (_, measure) => {
    const short = speech.subarray(0, 5000);
    expect(() => measure(short, short, rate)).toThrow(expect.objectContaining({ code: 'E_TOO_SHORT' }));
    const one = speech.subarray(0, 1);
    expect(() => measure(one, one, rate)).toThrow(expect.objectContaining({ code: 'E_TOO_SHORT' }));
    expect(() => measure(silence, speech, rate)).toThrow(
      expect.objectContaining({ code: 'E_SILENT_REFERENCE' }),
    );
    expect(() => measure(speech, speech, 0)).toThrow(expect.objectContaining({ code: 'E_SAMPLE_RATE' }));
  });
});

describe('segmental SNR', () => {
  it('is limited to -10 ... 35 dB in every frame', () => {
    expect(segmentalSnr(speech, speech, rate)).toBeLessThanOrEqual(35);
    expect(segmentalSnr(silence, noisy, rate)).toBe(-10);
    expect(segmentalSnr(speech.subarray(0, 3), speech.subarray(0, 3), rate)).toBeGreaterThan(-10);
  });
});

describe('log-spectral distance', () => {
  it('is 0 for a copy and the difference in level for a softer copy of a flat spectrum', () => {
    expect(logSpectralDistance(speech, speech, rate)).toBe(0);
    const impulse = new Float32Array(64);
    impulse[32] = 1;
    expect(
      logSpectralDistance(
        impulse,
        impulse.map((x) => x / 2),
        2000,
      ),
    ).toBeCloseTo(6.0206, 3);
    expect(() => logSpectralDistance(silence, speech, rate)).toThrow(
      expect.objectContaining({ code: 'E_SILENT_REFERENCE' }),
    );
  });
});

describe('every metric of two signals', () => {
  const metrics: [string, (a: Float32Array, b: Float32Array) => number][] = [
    ['SI-SDR', (a, b) => siSdr(b, a)],
    ['ESTOI', (a, b) => estoi(a, b, rate)],
    ['STOI', (a, b) => stoi(a, b, rate)],
    ['segmental SNR', (a, b) => segmentalSnr(a, b, rate)],
    ['log-spectral distance', (a, b) => logSpectralDistance(a, b, rate)],
  ];
  it.each(metrics)('%s refuses other lengths, nothing, and NaN', (_, measure) => {
    const broken = speech.slice();
    broken[777] = Number.NaN;
    const empty = new Float32Array();
    expect(() => measure(speech, speech.subarray(1))).toThrow(
      expect.objectContaining({ code: 'E_LENGTH_MISMATCH' }),
    );
    expect(() => measure(empty, empty)).toThrow(expect.objectContaining({ code: 'E_EMPTY' }));
    expect(() => measure(speech, broken)).toThrow(expect.objectContaining({ code: 'E_NOT_FINITE' }));
    expect(() => measure(broken, speech)).toThrow(/sample 777/);
  });

  it.each(metrics)('%s gives the same figure every time and leaves its inputs alone', (_, measure) => {
    const [a, b] = [speech.slice(), noisy.slice()];
    const first = measure(a, b);
    expect(measure(a, b)).toBe(first);
    expect(a).toEqual(speech);
    expect(b).toEqual(noisy);
  });
});

describe('levels', () => {
  it('puts a full-scale sine at -3.01 dBFS and its peak at 0', () => {
    const sine = Float32Array.from({ length: 1600 }, (_, n) => Math.sin((2 * Math.PI * 10 * n) / 1600));
    expect(rmsDbfs(sine)).toBeCloseTo(-3.0103, 4);
    expect(peakDbfs(sine)).toBeCloseTo(0, 3);
    expect(peak(Float32Array.of(0.25, -0.5))).toBe(0.5);
  });

  it('puts silence and nothing at minus infinity', () => {
    expect(rmsDbfs(silence)).toBe(Number.NEGATIVE_INFINITY);
    expect(peakDbfs(new Float32Array())).toBe(Number.NEGATIVE_INFINITY);
    expect(rmsDbfs(new Float32Array())).toBe(Number.NEGATIVE_INFINITY);
  });
});
