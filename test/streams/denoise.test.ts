import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AudioChunk } from '../../src/audio/chunk.js';
import { FullBandDenoiser } from '../../src/audio/full-band.js';
import { Model } from '../../src/engine/model.js';
import { modelDenoiser } from '../../streams/denoise/model-denoiser.js';
import type { DenoiseOptions } from '../../streams/denoise/options.js';
import { Denoise } from '../../streams/denoise.js';
import { HalvingDenoiser } from '../support/live-denoisers.js';
import { ManualClock } from '../support/manual-clock.js';
import { roughCheckpoint, testSignal } from '../support/tiny-model.js';
import { turns } from '../support/until.js';

const RATE = 16_000;
/** Longest fade, samples. */
const FADE = 32;

function chunk(samples: Float32Array, firstSample: number, extra: Partial<AudioChunk> = {}): AudioChunk {
  return { samples: [samples], sampleRate: RATE, firstSample: BigInt(firstSample), ...extra };
}

/** Never 0, so that every sample tells whether it was halved. */
const ones = (length: number): Float32Array => new Float32Array(length).fill(1);

function stage(denoiser: HalvingDenoiser, options: Partial<DenoiseOptions> = {}) {
  const stream = new Denoise({ sampleRate: RATE, channels: 1, denoiser, musicGuard: false, ...options });
  const chunks: AudioChunk[] = [];
  stream.on('data', (one: AudioChunk) => chunks.push(one));
  return { stream, chunks, sound: () => Float32Array.from(chunks.flatMap(({ samples }) => [...samples[0]])) };
}

async function end(stream: Denoise): Promise<void> {
  const ended = new Promise<void>((resolve, reject) => stream.once('end', resolve).once('error', reject));
  stream.end();
  await ended;
}

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
      musicGuard: false,
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

describe('Denoise on a machine that does not keep up', () => {
  const CHUNK = 320;

  /** Feeds `count` chunks of 20 ms by the clock. Each must be taken at once: a source is never held up. */
  async function feed(stream: Denoise, clock: ManualClock, count: number, from = 0): Promise<void> {
    for (let i = from; i < from + count; i++) {
      let taken = false;
      stream.write(chunk(ones(CHUNK), i * CHUNK), () => {
        taken = true;
      });
      await turns(6);
      expect(taken).toBe(true);
      clock.advance(20);
      await turns(6);
    }
  }

  function slowStage() {
    const clock = new ManualClock();
    const denoiser = new HalvingDenoiser(1, 256, clock);
    const overloads: boolean[] = [];
    const built = stage(denoiser, { clock, maxLateSeconds: 0.1 });
    built.stream.on('overload', (passing: boolean) => overloads.push(passing));
    return { ...built, clock, denoiser, overloads };
  }

  it('passes the sound through, cross-faded and counted, and comes back', async () => {
    const { stream, sound, clock, denoiser, overloads } = slowStage();
    await feed(stream, clock, 20);
    expect(sound().at(-1)).toBe(0.5);
    denoiser.slowMs = 600;
    await feed(stream, clock, 20, 20);
    expect(overloads).toEqual([true]);
    expect(stream.passing).toBe(true);
    expect(sound().at(-1)).toBe(1);
    denoiser.slowMs = 1;
    await feed(stream, clock, 60, 40);
    expect(overloads).toEqual([true, false]);
    expect(sound().at(-1)).toBe(0.5);
    await end(stream);
    const all = sound();
    expect(all.length).toBe(100 * CHUNK);
    const dry = all.filter((value) => value === 1).length;
    expect(Number(stream.stats.passedThroughSamples)).toBeGreaterThanOrEqual(dry);
    expect(dry).toBeGreaterThan(0.5 * RATE);
    expect(stream.stats.overloads).toBe(1);
    for (let n = 1; n < all.length; n++) expect(Math.abs(all[n] - all[n - 1])).toBeLessThan(1 / FADE);
  });

  it('holds back no more than the latency, the lateness allowed, and a chunk', async () => {
    const { stream, sound, clock, denoiser } = slowStage();
    denoiser.slowMs = 10_000_000;
    const limit = stream.latencySamples + 0.1 * RATE + 2 * CHUNK;
    for (let i = 0; i < 200; i += 10) {
      await feed(stream, clock, 10, i);
      expect((i + 10) * CHUNK - sound().length).toBeLessThanOrEqual(limit);
    }
    expect(denoiser.jobs).toBe(1);
    // The rest comes dry at once; nobody waits for the denoiser at the end.
    await end(stream);
    expect(sound()).toEqual(ones(200 * CHUNK));
  });

  it('tries again ever more rarely while the machine stays too slow', async () => {
    const { stream, clock, denoiser, overloads } = slowStage();
    denoiser.slowMs = 200;
    await feed(stream, clock, 500);
    const often = overloads.filter((passing) => passing).length;
    expect(often).toBeGreaterThan(1);
    // At 0.5 s each there would be more than 10 in 10 s.
    expect(often).toBeLessThan(7);
  });

  it('is not confused by gaps that come while the sound passes through', async () => {
    const { stream, chunks, sound, clock, denoiser } = slowStage();
    await feed(stream, clock, 5);
    denoiser.slowMs = 300;
    await feed(stream, clock, 15, 5);
    expect(stream.passing).toBe(true);
    stream.write(chunk(ones(CHUNK), 10_000, { discontinuity: { reason: 'unplugged' } }));
    denoiser.slowMs = 1;
    for (let i = 1; i < 80; i++) {
      stream.write(chunk(ones(CHUNK), 10_000 + i * CHUNK));
      await turns(6);
      clock.advance(20);
      await turns(6);
    }
    expect(sound().at(-1)).toBe(0.5);
    await end(stream);
    expect(sound().length).toBe(100 * CHUNK);
    const gap = chunks.find(({ discontinuity }) => discontinuity !== undefined);
    expect(gap).toMatchObject({ firstSample: 10_000n, discontinuity: { reason: 'unplugged' } });
  });

  it('goes on undenoised when the denoiser dies, and says so', async () => {
    const { stream, sound, clock, denoiser } = slowStage();
    const failed = new Promise((resolve) => stream.once('denoiser-failed', resolve));
    await feed(stream, clock, 5);
    denoiser.failure = new Error('the thread is gone');
    await feed(stream, clock, 20, 5);
    await expect(failed).resolves.toMatchObject({ message: expect.stringContaining('the thread is gone') });
    await end(stream);
    expect(sound().length).toBe(25 * CHUNK);
    expect(sound().at(-1)).toBe(1);
  });

  it('fails where nothing is lost by failing: a stream without a clock', async () => {
    const denoiser = new HalvingDenoiser(1, 256);
    denoiser.failure = new Error('the thread is gone');
    const { stream } = stage(denoiser, { realtime: false });
    stream.write(chunk(ones(CHUNK), 0));
    await expect(end(stream)).rejects.toThrow('the thread is gone');
  });

  it('holds back a source that can wait, instead of passing through', async () => {
    const clock = new ManualClock();
    const denoiser = new HalvingDenoiser(1, 256, clock);
    denoiser.slowMs = 1000;
    const { stream, sound } = stage(denoiser, { clock, realtime: false });
    let taken = 0;
    for (let i = 0; i < 100; i++) stream.write(chunk(ones(CHUNK), i * CHUNK), () => void taken++);
    await turns();
    expect(taken).toBeLessThan(40);
    const ended = end(stream);
    for (let i = 0; i < 40; i++) {
      clock.advance(1000);
      await turns(10);
    }
    await ended;
    expect(sound()).toEqual(ones(100 * CHUNK).map((x) => x / 2));
    expect(stream.stats.passedThroughSamples).toBe(0n);
  });
});
