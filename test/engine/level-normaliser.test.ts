import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { siSdr } from '../../src/audio/metrics/index.js';
import { openAudioInput } from '../../src/audio/open.js';
import { LevelNormaliser, recordingDenoiser } from '../../src/engine/level-normaliser.js';
import { Model } from '../../src/engine/model.js';
import type { MonoDenoiser } from '../../src/engine/mono-denoiser.js';
import { Random } from '../../src/random.js';

const RATE = 1000;

/** Cubes every sample, some samples late: nothing depends more on the level. */
function cubing(): MonoDenoiser {
  let waiting: number[] = [];
  return {
    sampleRate: RATE,
    latencySamples: 7,
    async process(samples) {
      waiting.push(...samples);
      return Float32Array.from(waiting.splice(0, Math.max(0, waiting.length - 7)), (x) => x ** 3);
    },
    async flush() {
      return Float32Array.from(waiting.splice(0), (x) => x ** 3);
    },
    reset() {
      waiting = [];
    },
  };
}

async function run(
  denoiser: MonoDenoiser,
  sound: Float32Array,
  sizes: readonly number[] = [],
): Promise<Float32Array> {
  const parts: number[] = [];
  let at = 0;
  for (const size of [...sizes, sound.length]) {
    for (const sample of await denoiser.process(sound.subarray(at, at + size))) parts.push(sample);
    at = Math.min(sound.length, at + size);
  }
  for (const sample of await denoiser.flush()) parts.push(sample);
  return Float32Array.from(parts);
}

/** Half a minute of noise that is quiet, loud, silent and quiet again. */
function changingSound(): Float32Array {
  const random = new Random(5);
  return Float32Array.from({ length: 30 * RATE }, (_, n) => {
    const second = n / RATE;
    return (second < 4 ? 0.001 : second < 12 ? 0.2 : second < 20 ? 0 : 0.01) * random.normal();
  });
}

describe('LevelNormaliser', () => {
  const sound = changingSound();

  it('gives back as many samples as it took, in their places, and the same whatever the chunks', async () => {
    const whole = await run(new LevelNormaliser(cubing()), sound);
    expect(whole).toHaveLength(sound.length);
    expect(whole.every((sample, n) => Math.sign(sample) === Math.sign(sound[n]))).toBe(true);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 9000 }), { maxLength: 12 }), async (sizes) => {
        expect(await run(new LevelNormaliser(cubing()), sound, sizes)).toEqual(whole);
      }),
      { numRuns: 20 },
    );
  });

  it('makes what comes out proportional to what went in', async () => {
    const whole = await run(new LevelNormaliser(cubing()), sound);
    for (const factor of [0.003, 0.1, 20]) {
      const scaled = await run(
        new LevelNormaliser(cubing()),
        sound.map((x) => factor * x),
      );
      const worst = scaled.reduce((most, x, n) => Math.max(most, Math.abs(x / factor - whole[n])), 0);
      expect(worst).toBeLessThan(1e-5);
    }
  });

  it('tells its latency truly, and starts anew after a reset', async () => {
    const denoiser = new LevelNormaliser(cubing());
    let owed = 0;
    for (let at = 0; at < sound.length; at += 500) {
      owed += 500 - (await denoiser.process(sound.subarray(at, at + 500))).length;
      expect(owed).toBeLessThanOrEqual(denoiser.latencySamples);
    }
    denoiser.reset();
    expect(await run(denoiser, sound)).toEqual(await run(new LevelNormaliser(cubing()), sound));
  });
});

describe('the shipped model over recordings of any level', () => {
  let model: Model;
  let noisy: Float32Array;
  beforeAll(async () => {
    model = await Model.load();
    const parts: number[] = [];
    const input = await openAudioInput(new URL('../../assets/noisy-speech.wav', import.meta.url).pathname);
    for await (const { samples } of input) for (const sample of samples[0]) parts.push(sample);
    noisy = Float32Array.from(parts);
  });
  afterAll(() => model.close());

  it('makes the same of them from −50 to 0 dBFS, and from a pipe', async () => {
    const peak = noisy.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
    const denoise = async (level: number, sizes: readonly number[] = []) => {
      const stream = model.createStream();
      const gain = 10 ** (level / 20) / peak;
      const out = await run(
        recordingDenoiser(model, stream),
        noisy.map((x) => gain * x),
        sizes,
      );
      stream.close();
      return out;
    };
    const loud = await denoise(0);
    expect(loud).toHaveLength(noisy.length);
    // 40 dB apart from one another is 0.001 dB in any measure against the clean original.
    for (const level of [-10, -20, -30, -40, -50])
      expect(siSdr(await denoise(level), loud)).toBeGreaterThan(60);
    expect(await denoise(0, [1, 777, 20_000, 3])).toEqual(loud);
  });
});
