import { describe, expect, it } from 'vitest';
import type { Denoise } from '../../../streams/denoise/denoise.js';
import { chunk, end, ones, RATE, stage } from '../../support/denoise-stage.js';
import { HalvingDenoiser } from '../../support/live-denoisers.js';
import { ManualClock } from '../../support/manual-clock.js';
import { turns } from '../../support/until.js';

/** Longest fade, samples. */
const FADE = 32;

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
