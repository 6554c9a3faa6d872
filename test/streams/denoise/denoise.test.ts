import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AudioChunk } from '../../../src/audio/chunk.js';
import { FullBandDenoiser } from '../../../src/engine/full-band.js';
import { Model } from '../../../src/engine/model.js';
import { Denoise } from '../../../streams/denoise/denoise.js';
import { modelDenoiser } from '../../../streams/denoise/model-denoiser.js';
import { chunk, end, ones, stage } from '../../support/denoise-stage.js';
import { HalvingDenoiser } from '../../support/live-denoisers.js';
import { roughCheckpoint, testSignal } from '../../support/tiny-model.js';
import { turns } from '../../support/until.js';

/** Longest fade, samples. */
const FADE = 32;

describe('Denoise', () => {
  it('gives every sample denoised at its place, whatever the chunks', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 1500 }), { minLength: 1, maxLength: 12 }),
        fc.boolean(),
        async (lengths, realtime) => {
          const { stream, chunks, sound } = stage(new HalvingDenoiser(1, 300), { realtime });
          const input = testSignal(lengths.reduce((a, b) => a + b));
          let at = 0;
          for (const length of lengths) {
            stream.write(chunk(input.slice(at, at + length), at));
            at += length;
            await turns(3);
          }
          await end(stream);
          expect(sound()).toEqual(input.map((x) => x / 2));
          let next = 0n;
          for (const one of chunks) {
            expect(one.firstSample).toBe(next);
            next += BigInt(one.samples[0].length);
          }
          expect(stream.stats).toMatchObject({ samples: BigInt(at), passedThroughSamples: 0n, overloads: 0 });
        },
      ),
      { numRuns: 30 },
    );
  });

  it('equals the denoiser alone with a real model at another rate, tail included', async () => {
    const model = await Model.fromBytes(roughCheckpoint());
    const input = testSignal(48_000 / 4).map((x) => x);
    const expected: number[] = [];
    const alone = new FullBandDenoiser({ sampleRate: 48_000, denoisers: [model.createStream()] });
    expected.push(...(await alone.process([input]))[0], ...(await alone.flush())[0]);
    const { denoiser } = modelDenoiser(model)({ sampleRate: 48_000, channels: 1 });
    const stream = new Denoise({
      sampleRate: 48_000,
      channels: 1,
      denoiser,
      music: 'off',
      realtime: false,
    });
    const got: number[] = [];
    stream.on('data', (one: AudioChunk) => got.push(...one.samples[0]));
    for (let at = 0; at < input.length; at += 960)
      stream.write({ samples: [input.slice(at, at + 960)], sampleRate: 48_000, firstSample: BigInt(at) });
    await end(stream);
    expect(got.length).toBe(input.length);
    expect(Math.max(...got.map((value, n) => Math.abs(value - expected[n])))).toBeLessThan(1e-6);
    await model.close();
  });

  it('changes strength and bypass with a fade, and passes to the bit when bypassed', async () => {
    const { stream, sound } = stage(new HalvingDenoiser(1, 0), { strength: 0.5, realtime: false });
    stream.write(chunk(ones(2000), 0));
    await turns();
    expect(sound().at(-1)).toBe(0.75);
    stream.bypass = true;
    stream.write(chunk(ones(2000), 2000));
    await turns();
    const all = sound();
    expect(all.at(-1)).toBe(1);
    for (let n = 1; n < all.length; n++) expect(Math.abs(all[n] - all[n - 1])).toBeLessThan(1 / FADE);
  });

  it('carries gaps through: numbers, reasons and losses, a fresh denoiser, and no click', async () => {
    const denoiser = new HalvingDenoiser(1, 300);
    const { stream, chunks, sound } = stage(denoiser, { realtime: false });
    stream.write(chunk(ones(1000), 0));
    stream.write(chunk(ones(1000), 1500, { discontinuity: { lostSamples: 500n, reason: 'unplugged' } }));
    await end(stream);
    const after = chunks.findIndex(({ firstSample }) => firstSample >= 1500n);
    expect(chunks[after]).toMatchObject({
      firstSample: 1500n,
      discontinuity: { lostSamples: 500n, reason: 'unplugged' },
    });
    expect(chunks.filter(({ discontinuity }) => discontinuity !== undefined)).toHaveLength(1);
    expect(stream.stats).toMatchObject({ samples: 2000n, discontinuities: 1, lostSamples: 500n });
    expect(denoiser.resets).toBeGreaterThan(0);
    const all = sound();
    expect(all.length).toBe(2000);
    expect(all[999]).toBeCloseTo(0, 1);
    expect(all[1000]).toBeCloseTo(0, 1);
    expect(all[1000 - FADE - 1]).toBe(0.5);
    expect(all[1000 + FADE]).toBe(0.5);
  });

  it('replaces samples that are no numbers by silence', async () => {
    const { stream, sound } = stage(new HalvingDenoiser(1, 0));
    stream.write(chunk(Float32Array.of(1, Number.NaN, 1, Number.POSITIVE_INFINITY), 0));
    await end(stream);
    expect([...sound()]).toEqual([0.5, 0, 0.5, 0]);
  });

  it('refuses another format in the middle of a stream', async () => {
    const { stream } = stage(new HalvingDenoiser(1, 0));
    const failed = new Promise((resolve) => stream.once('error', resolve));
    stream.write({ ...chunk(ones(10), 0), sampleRate: 8000 });
    await expect(failed).resolves.toMatchObject({ code: 'E_FORMAT_CHANGED' });
  });
});
