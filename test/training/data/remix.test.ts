import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { peak, rmsDbfs } from '../../../src/audio/metrics/levels.js';
import { makeEvaluationSet } from '../../../src/training/data/evaluation-set.js';
import { activePower } from '../../../src/training/data/level.js';
import { type ClipLibrary, loadLibrary } from '../../../src/training/data/library.js';
import { Remixer } from '../../../src/training/data/remix.js';
import type { RemixOptions } from '../../../src/training/data/remix-config.js';
import { bits, writeCorpus } from './synthetic-audio.js';

const SAMPLES = 16_000;
const PLAIN: RemixOptions = {
  noiseOnly: 0,
  cleanOnly: 0,
  reverberation: 0,
  bandLimit: 0,
  clipping: 0,
  equaliserDb: 0,
};

let root: string;
let speech: ClipLibrary;
let noise: ClipLibrary;
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'remix-'));
  const folders = writeCorpus(root);
  speech = (await loadLibrary(folders.speech)).library;
  noise = (await loadLibrary(folders.noise)).library;
});
afterAll(() => rmSync(root, { recursive: true }));

function mix(config: RemixOptions, index: number, seed = 1, samples = SAMPLES) {
  const noisy = new Float32Array(samples);
  const clean = new Float32Array(samples);
  const info = new Remixer({ speech, noise, samples, seed, config }).example(index, noisy, clean);
  return { noisy, clean, ...info };
}

const difference = (a: Float32Array, b: Float32Array) => a.map((x, i) => x - b[i]);
const power = (x: Float32Array) => x.reduce((sum, v) => sum + v * v, 0) / x.length;

describe('Remixer', () => {
  it('makes an example from seed and index alone, whatever was made before', () => {
    const remixer = new Remixer({ speech, noise, samples: SAMPLES, seed: 7 });
    const make = (index: number) => {
      const [noisy, clean] = [new Float32Array(SAMPLES), new Float32Array(SAMPLES).fill(5)];
      remixer.example(index, noisy, clean);
      return { noisy: bits(noisy), clean: bits(clean) };
    };
    const forward = [0, 1, 2, 3, 4, 5, 6, 7].map(make);
    const backward = [7, 6, 5, 4, 3, 2, 1, 0].map(make).reverse();
    expect(backward).toEqual(forward);
    expect(forward[0].noisy).not.toEqual(forward[1].noisy);
    expect(bits(mix({}, 0, 8).noisy)).not.toBe(forward[0].noisy);
  });

  it.each([-7, 0, 12.5, 20])('mixes at %f dB of active speech to noise', (snrDb) => {
    for (let index = 0; index < 6; index++) {
      const { noisy, clean, snrDb: told } = mix({ ...PLAIN, snrDb: [snrDb, snrDb] }, index);
      const measured = 10 * Math.log10(activePower(clean) / power(difference(noisy, clean)));
      expect(told).toBe(snrDb);
      expect(measured).toBeCloseTo(snrDb, 1);
    }
  });

  it('spreads the ratios over the whole range', () => {
    const told = Array.from({ length: 60 }, (_, i) => mix({ ...PLAIN, snrDb: [-7, 20] }, i).snrDb);
    expect(Math.min(...told)).toBeLessThan(-4);
    expect(Math.max(...told)).toBeGreaterThan(17);
    expect(told.every((snr) => snr >= -7 && snr <= 20)).toBe(true);
  });

  it('sets the level of the mixture, and never lets it clip unasked', () => {
    for (let index = 0; index < 6; index++) {
      expect(rmsDbfs(mix({ ...PLAIN, levelDb: [-32, -32] }, index).noisy)).toBeCloseTo(-32, 2);
      const loud = mix({ ...PLAIN, levelDb: [0, 0] }, index);
      expect(peak(loud.noisy)).toBeLessThanOrEqual(0.9901);
      expect(peak(loud.clean)).toBeLessThanOrEqual(0.9901);
    }
  });

  it('gives noise alone with a silent target, and speech alone with an equal one', () => {
    const noiseAlone = mix({ ...PLAIN, noiseOnly: 1 }, 3);
    expect(noiseAlone.snrDb).toBe(-Infinity);
    expect(peak(noiseAlone.clean)).toBe(0);
    expect(peak(noiseAlone.noisy)).toBeGreaterThan(0);
    const speechAlone = mix({ ...PLAIN, cleanOnly: 1 }, 3);
    expect(speechAlone.snrDb).toBe(Infinity);
    expect(bits(speechAlone.noisy)).toBe(bits(speechAlone.clean));
    expect(peak(speechAlone.clean)).toBeGreaterThan(0);
  });

  it('clips the mixture and spares the target', () => {
    const { noisy, clean } = mix({ ...PLAIN, clipping: 1, snrDb: [20, 20] }, 2);
    const atTop = (x: Float32Array) => {
      const top = 0.9999 * peak(x);
      return x.filter((v) => Math.abs(v) >= top).length;
    };
    expect(atTop(noisy)).toBeGreaterThan(20);
    expect(atTop(clean)).toBeLessThan(20);
  });

  it('keeps the direct sound in place and only late reflections out of the target', () => {
    const config: RemixOptions = { ...PLAIN, cleanOnly: 1, reverberation: 1, changedSpeed: 0, longPause: 0 };
    const dry = mix({ ...config, reverberation: 0 }, 1);
    const wet = mix({ ...config, directToReverberantDb: [0, 0], reverberationSeconds: [0.6, 0.6] }, 1);
    const late = difference(wet.noisy, wet.clean);
    expect(power(late)).toBeGreaterThan(0.01 * power(wet.noisy));
    const aligned = (lag: number) => {
      let sum = 0;
      for (let i = 100; i < SAMPLES - 100; i++) sum += dry.clean[i] * wet.clean[i + lag];
      return sum;
    };
    expect(aligned(0)).toBeGreaterThan(Math.max(...[-40, -20, -12, 12, 20, 40].map(aligned)));
    const all = mix({ ...config, earlySeconds: 0.4 }, 1);
    expect(power(difference(all.noisy, all.clean))).toBeLessThan(1e-6 * power(all.noisy));
  });

  it('limits mixture and target to the same narrow band', () => {
    const band: RemixOptions = { bandLimit: 1, bandHighHz: [1000, 1000], bandLowHz: [50, 50], muLaw: 0 };
    const wide = mix({ ...PLAIN, snrDb: [-10, -10] }, 4);
    const narrow = mix({ ...PLAIN, ...band, snrDb: [-10, -10] }, 4);
    // First difference: white noise keeps twice its power, what ends at 1 of 8 kHz far less.
    const edginess = (x: Float32Array) => power(x.subarray(1).map((v, i) => v - x[i])) / power(x);
    expect(edginess(wide.noisy)).toBeGreaterThan(1);
    expect(edginess(narrow.noisy)).toBeLessThan(0.12);
  });

  it('fills an example longer than every recording', () => {
    const { noisy, clean } = mix({ ...PLAIN, longPause: 0, colouredNoise: 0 }, 5, 1, 10 * 16_000);
    const rest = difference(noisy, clean);
    for (let second = 0; second < 10; second++) {
      expect(power(rest.subarray(second * 16_000, (second + 1) * 16_000))).toBeGreaterThan(0);
    }
    expect(peak(clean.subarray(8 * 16_000))).toBeGreaterThan(0.01 * peak(clean));
  });

  it('refuses what it cannot do', () => {
    const empty = { ...noise, clips: [] };
    const make = (options: object) => new Remixer({ speech, noise, samples: SAMPLES, seed: 1, ...options });
    expect(() => make({ noise: empty })).toThrow(/no noise/);
    expect(() => make({ noise: { ...noise, sampleRate: 8000 } })).toThrow(/8000 Hz/);
    expect(() => make({ config: { snrDb: [20, -5] } })).toThrow(/lower end/);
    expect(() => make({ config: { reverb: 1 } })).toThrow(/reverb/);
  });
});

describe('makeEvaluationSet', () => {
  it('is the same set every time, evenly spread, at the ratios it states', () => {
    const make = () => makeEvaluationSet({ speech, noise, count: 6, seconds: 1 });
    const set = make();
    expect(make().map(({ noisy, clean }) => bits(noisy) + bits(clean))).toEqual(
      set.map(({ noisy, clean }) => bits(noisy) + bits(clean)),
    );
    expect(set.map((mixture) => mixture.snrDb)).toEqual([-5, 0, 5, 10, 15, 20]);
    for (const { noisy, clean, snrDb } of set) {
      const measured = 10 * Math.log10(activePower(clean) / power(difference(noisy, clean)));
      expect(measured).toBeCloseTo(snrDb, 1);
    }
  });
});
