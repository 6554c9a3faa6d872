import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { meanPower, powerToDb } from '../../src/audio/metrics/index.js';
import { SpectrogramAccumulator } from '../../src/audio/plot/index.js';
import { FullBandDenoiser, type FullBandOptions } from '../../src/engine/full-band.js';
import type { MonoDenoiser } from '../../src/engine/mono-denoiser.js';
import { speechLike, uniform } from '../audio/metrics/signals.js';
import { samplewise } from './mono-denoisers.js';

const RATES = [8000, 11_025, 16_000, 22_050, 44_100, 48_000, 96_000];

const passThrough = () => samplewise((sample) => sample);
const halving = () => samplewise((sample) => 0.5 * sample);
/** Turns everything down in one half of every second, by 30 dB, with edges of 10 ms: changes the gain all the time. */
const gating = () =>
  samplewise((sample, n) => {
    const edge = Math.min(1, Math.max(0, (Math.abs((n % 16_000) - 8000) - 4000) / 160 + 0.5));
    return sample * (0.03 + 0.97 * edge);
  });

async function denoise(
  recording: readonly Float32Array[],
  sampleRate: number,
  make: () => MonoDenoiser,
  { strength = 1, cuts = [] as readonly number[] } = {},
): Promise<Float32Array[]> {
  const denoiser = new FullBandDenoiser({ sampleRate, denoisers: recording.map(make), strength });
  return run(denoiser, recording, cuts);
}

async function run(
  denoiser: FullBandDenoiser,
  recording: readonly Float32Array[],
  cuts: readonly number[] = [],
) {
  const parts: Float32Array[][] = [];
  let from = 0;
  for (const to of [...[...cuts].sort((a, b) => a - b), recording[0]!.length]) {
    parts.push(await denoiser.process(recording.map((channel) => channel.subarray(from, to))));
    from = to;
  }
  parts.push(await denoiser.flush());
  return recording.map((_, c) => Float32Array.from(parts.flatMap((part) => [...part[c]!])));
}

/** Level of the difference of two signals against the level of the second, in dB. */
function errorDb(actual: Float32Array, expected: Float32Array): number {
  expect(actual).toHaveLength(expected.length);
  return powerToDb(meanPower(actual.map((sample, n) => sample - expected[n]!)) / meanPower(expected));
}

function largestDifference(a: Float32Array, b: Float32Array): number {
  return a.reduce((largest, sample, n) => Math.max(largest, Math.abs(sample - b[n]!)), 0);
}

/** Energy above a frequency. */
function energyAbove(hz: number, samples: Float32Array, sampleRate: number): number {
  const accumulator = new SpectrogramAccumulator({ sampleRate });
  accumulator.push([samples]);
  const { power, bins } = accumulator.finish();
  return power.reduce((sum, p, i) => (((i % bins) / (bins - 1)) * (sampleRate / 2) > hz ? sum + p : sum), 0);
}

const noise = (seconds: number, sampleRate: number, seed: number) =>
  Float32Array.from(uniform(Math.round(seconds * sampleRate) + 7, seed), (sample) => 0.3 * sample);

describe('the full-band denoiser', () => {
  it.each(RATES)('gives back what it got where the model changes nothing, at %i Hz', async (sampleRate) => {
    const recording = [
      noise(0.3, sampleRate, 1),
      speechLike(Math.round(0.3 * sampleRate) + 7, sampleRate, 2),
    ];
    const output = await denoise(recording, sampleRate, passThrough);
    output.forEach((channel, c) => void expect(errorDb(channel, recording[c]!)).toBeLessThan(-120));
  });

  it.each(RATES)('makes everything half as loud where the model does, at %i Hz', async (sampleRate) => {
    const recording = [
      noise(0.3, sampleRate, 3),
      speechLike(Math.round(0.3 * sampleRate) + 7, sampleRate, 4),
    ];
    const output = await denoise(recording, sampleRate, halving);
    // The recording ends in the middle of a sound, which the resampler's filter smears over the last few samples.
    output.forEach((channel, c) => {
      const half = recording[c]!.map((sample) => 0.5 * sample);
      const end = channel.length - Math.ceil(sampleRate / 100);
      expect(errorDb(channel.subarray(0, end), half.subarray(0, end))).toBeLessThan(-70);
    });
  });

  it('gives the same samples at every chunking, tail included', async () => {
    for (const sampleRate of [8000, 16_000, 44_100, 48_000]) {
      const recording = [noise(0.15, sampleRate, 5), noise(0.15, sampleRate, 6)];
      const whole = await denoise(recording, sampleRate, gating);
      const cuts = fc.array(fc.nat(recording[0]!.length), { maxLength: 25 });
      await fc.assert(
        fc.asyncProperty(cuts, async (at) => {
          const output = await denoise(recording, sampleRate, gating, { cuts: at });
          output.forEach((channel, c) => {
            expect(channel).toHaveLength(recording[c]!.length);
            expect(largestDifference(channel, whole[c]!)).toBeLessThan(1e-4);
          });
        }),
        { numRuns: 4 },
      );
    }
  });

  it('gives the same samples one at a time', async () => {
    const recording = [noise(0.05, 44_100, 7)];
    const whole = await denoise(recording, 44_100, gating);
    const single = await denoise(recording, 44_100, gating, {
      cuts: Array.from({ length: recording[0]!.length }, (_, n) => n),
    });
    expect(largestDifference(single[0]!, whole[0]!)).toBeLessThan(1e-4);
  });

  it.each([1, 2, 3, 100, 1601])(
    'gives %i samples for as many, below, at and above the rate of the model',
    async (length) => {
      for (const sampleRate of [8000, 16_000, 44_100]) {
        const recording = [noise(1, sampleRate, 8).subarray(0, length)];
        const [output] = await denoise(recording, sampleRate, passThrough);
        expect(output).toHaveLength(length);
        expect(largestDifference(output!, recording[0]!)).toBeLessThan(1e-6);
      }
    },
  );

  it('leaves a recording untouched to the bit at strength 0 and mixes in between', async () => {
    const recording = [noise(0.3, 48_000, 9)];
    const untouched = await denoise(recording, 48_000, halving, { strength: 0 });
    expect(untouched).toEqual(recording);
    const full = await denoise(recording, 48_000, gating);
    const mixed = await denoise(recording, 48_000, gating, { strength: 0.25 });
    const expected = recording[0]!.map((sample, n) => 0.75 * sample + 0.25 * full[0]![n]!);
    expect(largestDifference(mixed[0]!, expected)).toBeLessThan(1e-6);
  });

  it('keeps channels apart', async () => {
    const [left, right] = [noise(0.3, 48_000, 10), noise(0.3, 48_000, 11)];
    const denoisers = [passThrough(), halving()];
    const denoiser = new FullBandDenoiser({ sampleRate: 48_000, denoisers });
    const output = await run(denoiser, [left, right]);
    expect(errorDb(output[0]!, left)).toBeLessThan(-120);
    const alone = await denoise([right], 48_000, halving);
    expect(largestDifference(output[1]!, alone[0]!)).toBeLessThan(1e-6);
  });

  it('starts anew after a reset', async () => {
    const recording = [noise(0.3, 48_000, 12)];
    const denoiser = new FullBandDenoiser({ sampleRate: 48_000, denoisers: [gating()] });
    const first = await run(denoiser, recording);
    await denoiser.process(recording);
    denoiser.reset();
    expect(largestDifference((await run(denoiser, recording))[0]!, first[0]!)).toBe(0);
  });

  it('owes no more than its latency', async () => {
    for (const sampleRate of [11_025, 16_000, 48_000]) {
      const denoiser = new FullBandDenoiser({ sampleRate, denoisers: [passThrough()] });
      const chunk = noise(0.02, sampleRate, 13);
      let owed = 0;
      for (let i = 0; i < 40; i++) {
        owed += chunk.length;
        for (const samples of await denoiser.process([chunk])) owed -= samples.length;
      }
      // The denoiser of the test moves in blocks of 160 samples, the gain in hops of 64.
      expect(owed).toBeLessThanOrEqual(denoiser.latencySamples + Math.ceil((224 * sampleRate) / 16_000));
      expect(owed).toBeGreaterThan(0);
    }
  });
});

describe('the band above the model', () => {
  const sampleRate = 48_000;

  it('is turned down with the noise below it', async () => {
    const recording = noise(1, sampleRate, 14);
    const [output] = await denoise([recording], sampleRate, () => samplewise((sample) => 0.1 * sample));
    const lost = powerToDb(energyAbove(8000, output!, sampleRate) / energyAbove(8000, recording, sampleRate));
    expect(lost).toBeCloseTo(-20, 0);
  });

  it('keeps its energy within 1 dB where the model takes away little', async () => {
    const recording = noise(1, sampleRate, 15);
    const [output] = await denoise([recording], sampleRate, () => samplewise((sample) => 0.9 * sample));
    const lost = powerToDb(energyAbove(8000, output!, sampleRate) / energyAbove(8000, recording, sampleRate));
    expect(Math.abs(lost)).toBeLessThan(0.1);
  });

  it('follows a consonant at once and the silence after it within 0.15 s', async () => {
    // Hiss throughout; from 0.5 to 0.6 s it is 30 dB louder, and only there the model lets it pass.
    const burst = (n: number, rate: number) => n >= 0.5 * rate && n < 0.6 * rate;
    const hiss = noise(1.2, sampleRate, 16).map((sample, n) =>
      burst(n, sampleRate) ? sample : 0.0316 * sample,
    );
    const [output] = await denoise([hiss], sampleRate, () =>
      samplewise((sample, n) => (burst(n, 16_000) ? sample : 0.05 * sample)),
    );
    const change = (from: number, to: number) => {
      const [start, end] = [from * sampleRate, to * sampleRate];
      const [after, before] = [output!, hiss].map((x) =>
        energyAbove(8000, x.subarray(start, end), sampleRate),
      );
      return powerToDb(after! / before!);
    };
    expect(change(0.2, 0.48)).toBeLessThan(-24);
    expect(change(0.5, 0.6)).toBeGreaterThan(-1);
    expect(change(0.75, 1.15)).toBeLessThan(-24);
  });
});

describe('what the full-band denoiser refuses', () => {
  const code = (expected: string) => expect.objectContaining({ code: expected });
  const create = (options: Partial<FullBandOptions>) =>
    new FullBandDenoiser({ sampleRate: 48_000, denoisers: [passThrough()], ...options });

  it('says what is wrong', async () => {
    for (const strength of [-0.1, 1.1, Number.NaN]) {
      expect(() => create({ strength })).toThrow(code('E_STRENGTH'));
    }
    expect(() => create({ sampleRate: 0 })).toThrow(code('E_SAMPLE_RATE'));
    expect(() => create({ denoisers: [] })).toThrow(code('E_NO_CHANNELS'));
    const mixed = [passThrough(), samplewise((sample) => sample, { sampleRate: 8000 })];
    expect(() => create({ denoisers: mixed })).toThrow(code('E_RATES_DIFFER'));
    const denoiser = create({});
    const samples = new Float32Array(10);
    await expect(denoiser.process([samples, samples])).rejects.toThrow(code('E_CHANNELS_DIFFER'));
    await expect(denoiser.process([])).rejects.toThrow(code('E_CHANNELS_DIFFER'));
  });
});
