import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { denoise } from '../../src/engine/denoise.js';
import { createDenoiser } from '../../src/engine/denoiser.js';
import { Model } from '../../src/engine/model.js';
import { Random } from '../../src/random.js';
import { synthesisedMusic } from '../support/music.js';
import { roughCheckpoint, testSignal } from '../support/tiny-model.js';

let model: Model;
beforeAll(async () => {
  model = await Model.fromBytes(roughCheckpoint());
});
afterAll(() => model.close());

const power = (samples: Float32Array): number =>
  samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;

describe('denoise', () => {
  it('takes one channel or several, at any rate and of any length, and gives back the same shape', async () => {
    for (const sampleRate of [8000, 16_000, 44_100, 48_000])
      for (const length of [0, 1, 777, 30_000]) {
        const left = testSignal(length, 1);
        const right = testSignal(length, 2);
        const mono = await denoise(left, { sampleRate, model });
        expect(mono).toBeInstanceOf(Float32Array);
        expect(mono).toHaveLength(length);
        const stereo = await denoise([left, right], { sampleRate, model });
        expect(stereo.map((channel) => channel.length)).toEqual([length, length]);
        expect(stereo[0]).toEqual(mono);
        expect(mono.every(Number.isFinite)).toBe(true);
      }
  });

  it('takes noise out with the shipped model, in one line', async () => {
    const random = new Random(3);
    const noise = Float32Array.from({ length: 32_000 }, () => 0.1 * random.normal());
    expect(power(await denoise(noise, { sampleRate: 16_000 }))).toBeLessThan(0.1 * power(noise));
  });

  it('leaves its input alone, and gives it back to the bit at strength 0', async () => {
    const audio = testSignal(5000);
    const before = audio.slice();
    expect(await denoise(audio, { sampleRate: 48_000, model, strength: 0 })).toEqual(before);
    expect(audio).toEqual(before);
  });

  it('leaves music in, as denoise FILE does, unless told otherwise', async () => {
    const music = synthesisedMusic(8, 16_000);
    const taken = async (choice?: 'auto' | 'off') => {
      const clean = await denoise(music, { sampleRate: 16_000, ...(choice && { music: choice }) });
      // The guard needs a moment to be sure.
      const rest = clean.subarray(4 * 16_000);
      return power(rest.map((sample, n) => sample - music[4 * 16_000 + n])) / power(music);
    };
    expect(await taken('off')).toBeGreaterThan(0.1);
    expect(await taken()).toBeLessThan(0.01);
    const wrong = denoise(music, { sampleRate: 16_000, model, music: 'maybe' as 'auto' });
    await expect(wrong).rejects.toMatchObject({ code: 'E_MUSIC' });
  });

  it('is the same in pieces of ten seconds as in one', async () => {
    const audio = testSignal(25 * 8000);
    const denoiser = await createDenoiser({ sampleRate: 8000, model });
    const parts = [...(await denoiser.process([audio])), ...(await denoiser.flush())];
    const whole = Float32Array.from(parts.flatMap((part) => [...part]));
    const pieces = await denoise(audio, { sampleRate: 8000, model });
    expect(pieces).toHaveLength(whole.length);
    expect(pieces.every((sample, n) => Math.abs(sample - whole[n]) < 1e-4)).toBe(true);
    await denoiser.close();
  });

  it('says what is wrong', async () => {
    const audio = testSignal(100);
    const thrown = (call: Promise<unknown>) => call.catch((error: unknown) => error);
    expect(await thrown(denoise([], { sampleRate: 16_000, model }))).toMatchObject({ code: 'E_CHANNELS' });
    expect(await thrown(denoise([audio, audio.subarray(1)], { sampleRate: 16_000, model }))).toMatchObject({
      code: 'E_CHANNELS_DIFFER',
    });
    expect(await thrown(denoise(audio, { sampleRate: 0, model }))).toMatchObject({ code: 'E_SAMPLE_RATE' });
    expect(await thrown(denoise(audio, { sampleRate: 16_000, model: 'none.onnx' }))).toMatchObject({
      code: 'E_NO_MODEL',
    });
    expect(await thrown(denoise(audio, { sampleRate: 16_000, model, strength: 2 }))).toMatchObject({
      code: 'E_STRENGTH',
    });
  });
});

describe('createDenoiser', () => {
  it('leaves the same music in however its chunks are cut, and tells for how long; a NaN is forgotten', async () => {
    const music = synthesisedMusic(8, 48_000).map((sample, n) => (n === 1000 ? Number.NaN : sample));
    const options = { sampleRate: 48_000, model: 'base' } as const;
    const whole = await denoise(music, options);
    const denoiser = await createDenoiser(options);
    const parts: Float32Array[] = [];
    for (let at = 0; at < music.length; at += 20_011)
      parts.push(...(await denoiser.process([music.subarray(at, at + 20_011)])));
    parts.push(...(await denoiser.flush()));
    expect(denoiser.musicSeconds).toBeGreaterThan(4);
    const cut = Float32Array.from(parts.flatMap((part) => [...part]));
    const rest = [whole, cut].map((samples) => samples.subarray(4 * 48_000));
    expect(rest[0].every((sample, n) => Math.abs(sample - rest[1][n]) < 1e-4)).toBe(true);
    denoiser.reset();
    expect(denoiser.musicSeconds).toBe(0);
    await denoiser.close();
  });

  it('gives the same samples however its chunks are cut, and as many as it was given', async () => {
    const channels = [testSignal(9000, 1), testSignal(9000, 2)];
    const whole = await denoise(channels, { sampleRate: 44_100, model });
    const denoiser = await createDenoiser({ sampleRate: 44_100, channels: 2, model });
    const sizes = fc.array(fc.integer({ min: 0, max: 4000 }), { minLength: 1, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(sizes, async (cuts) => {
        denoiser.reset();
        const parts: Float32Array[][] = [];
        let at = 0;
        for (const size of [...cuts, 9000]) {
          parts.push(await denoiser.process(channels.map((channel) => channel.subarray(at, at + size))));
          at += size;
        }
        parts.push(await denoiser.flush());
        whole.forEach((expected, c) => {
          const got = parts.flatMap((part) => [...part[c]]);
          expect(got).toHaveLength(expected.length);
          expect(got.every((sample, n) => Math.abs(sample - expected[n]) < 1e-4)).toBe(true);
        });
      }),
      { numRuns: 10 },
    );
    await denoiser.close();
  });

  it('trails by no more than it declares', async () => {
    const denoiser = await createDenoiser({ sampleRate: 48_000, model });
    let given = 0;
    let got = 0;
    for (let n = 0; n < 50; n++) {
      given += 480;
      got += (await denoiser.process([testSignal(480, n)]))[0].length;
      // What does not fill a hop waits as well.
      expect(given - got).toBeLessThanOrEqual(denoiser.latencySamples + 3 * model.info.hop);
    }
    await denoiser.close();
  });

  it('shares a model that it was given and closes one that it loaded', async () => {
    const own = await Model.fromBytes(roughCheckpoint());
    const [one, other] = [
      await createDenoiser({ sampleRate: 16_000, model: own }),
      await createDenoiser({ sampleRate: 16_000, model: own }),
    ];
    await own.release();
    await one.close();
    await one.close();
    expect(await other.process([testSignal(64)])).toHaveLength(1);
    await other.close();
    await expect(createDenoiser({ sampleRate: 16_000, model: own })).rejects.toMatchObject({
      code: 'E_MODEL_CLOSED',
    });
    const alone = await createDenoiser({ sampleRate: 16_000, model: 'base' });
    await alone.close();
    await expect(alone.process([testSignal(600)])).rejects.toMatchObject({ code: 'E_STREAM_ENDED' });
  });
});
