import { describe, expect, it } from 'vitest';
import type { AudioChunk } from '../../../src/audio/chunk.js';
import { Model } from '../../../src/engine/model.js';
import { Denoise } from '../../../streams/denoise/denoise.js';
import { modelDenoiser } from '../../../streams/denoise/model-denoiser.js';
import { DenoiserSlot } from '../../../streams/denoise/slot.js';
import { chunk, end, ones } from '../../support/denoise-stage.js';
import { HopDenoiser } from '../../support/hop-denoiser.js';
import { roughCheckpoint, TINY } from '../../support/tiny-model.js';
import { turns } from '../../support/until.js';

const RATE = 16_000;
const A = { hop: 256, latencySamples: 256 };

const make = (gain = 0.5) => {
  const first = new HopDenoiser({ ...A, gain });
  return { first, slot: new DenoiserSlot({ sampleRate: RATE, channels: 1 }, first.open(RATE)) };
};

async function feed(slot: DenoiserSlot, count: number): Promise<number[]> {
  const out: number[] = [];
  for (let n = 0; n < count; n += 160) out.push(...(await slot.process([ones(160)]))[0]);
  return out;
}

/** A fade from 0.5 to 1 in 800 samples rises by 0.0006 a sample; a broken one may take the rest of its way anew. */
const expectNoStep = (out: readonly number[]): void => {
  for (let n = 1; n < out.length; n++) expect(Math.abs(out[n] - out[n - 1])).toBeLessThan(0.0014);
};

describe('DenoiserSlot, asked for more than one thing at a time', () => {
  it('does one swap after the other; one that waits gives way to a later one', async () => {
    const { slot, first } = make();
    const [b, c, d] = [0.25, 0.75, 1].map((gain) => new HopDenoiser({ ...A, gain }));
    const ended: string[] = [];
    const swaps = [b, c, d].map((one, k) =>
      slot.swap(one.open(RATE)).then(
        () => ended.push('bcd'[k]),
        (error) => ended.push(`${'bcd'[k]} ${error.code}`),
      ),
    );
    const out = await feed(slot, 12_800);
    await Promise.all(swaps);
    expect(ended).toEqual(['c E_SWAP_REPLACED', 'b', 'd']);
    expect(out.at(-1)).toBe(1);
    expect([first, b, c, d].map(({ closes }) => closes)).toEqual([1, 1, 1, 0]);
  });

  it('refuses a newcomer that needs more delay than it has, and goes on as it was', async () => {
    const { slot } = make();
    const slow = new HopDenoiser({ hop: 256, latencySamples: 512 });
    await expect(slot.swap(slow.open(RATE))).rejects.toMatchObject({
      code: 'E_SLOT_LATENCY',
      message: 'The model needs a delay of 48 ms, and this stream has one of 32 ms.',
    });
    expect(slow.closes).toBe(1);
    expect((await feed(slot, 3200)).at(-1)).toBe(0.5);
  });

  it('has the delay that its first denoiser says its successors need', async () => {
    const first = new HopDenoiser(A);
    const options = { sampleRate: RATE, channels: 1 };
    const slot = new DenoiserSlot(options, { ...first.open(RATE), mostDelaySamples: 768 });
    expect(slot.latencySamples).toBe(768 - 256);
    const done = slot.swap(new HopDenoiser({ hop: 256, latencySamples: 512 }).open(RATE));
    await feed(slot, 6400);
    await done;
  });

  it('rejects what has not ended when it is closed, and closes all', async () => {
    const { slot, first } = make();
    const [b, c] = [new HopDenoiser(A), new HopDenoiser(A)];
    const swaps = [b, c].map((one) => slot.swap(one.open(RATE)));
    slot.close();
    for (const swap of swaps) await expect(swap).rejects.toMatchObject({ code: 'E_SLOT_CLOSED' });
    expect([first, b, c].map(({ closes }) => closes)).toEqual([1, 1, 1]);
    await expect(slot.process([ones(10)])).rejects.toMatchObject({ code: 'E_SLOT_CLOSED' });
    await expect(slot.swap(new HopDenoiser(A).open(RATE))).rejects.toMatchObject({ code: 'E_SLOT_CLOSED' });
  });
});

describe('DenoiserSlot with denoisers that fail', () => {
  it('goes on with the present one when a newcomer fails, while it is warmed or in the cross-fade', async () => {
    const { slot } = make();
    await feed(slot, 3200);
    const bad = new HopDenoiser(A);
    bad.failure = new Error('bad weights');
    await expect(slot.swap(bad.open(RATE))).rejects.toMatchObject({
      message: expect.stringContaining('bad weights'),
    });
    const late = new HopDenoiser(A);
    const swap = slot.swap(late.open(RATE), { at: 3584 });
    swap.catch(() => {});
    const out = await feed(slot, 1120);
    late.failure = new Error('out of memory');
    out.push(...(await feed(slot, 3200)));
    await expect(swap).rejects.toMatchObject({ message: expect.stringContaining('out of memory') });
    expect(Math.max(...out)).toBeGreaterThan(0.6);
    expectNoStep(out);
    expect(out.at(-1)).toBe(0.5);
    expect([bad.closes, late.closes]).toEqual([1, 1]);
  });

  it('goes over to the newcomer at once when the present one fails in the cross-fade', async () => {
    const { slot, first } = make();
    const failures: string[] = [];
    slot.on('failed', ({ message }) => failures.push(message));
    const swap = slot.swap(new HopDenoiser(A).open(RATE), { at: 1024 });
    const out = (await feed(slot, 1920)).slice(512);
    first.failure = new Error('gone');
    out.push(...(await feed(slot, 3200)));
    expectNoStep(out);
    expect(out.at(-1)).toBe(1);
    expect(await swap).toBe(1024);
    expect(failures).toEqual([expect.stringContaining('gone')]);
  });

  it('is empty after a failure, and can be filled again: Denoise takes part again', async () => {
    const { slot, first } = make();
    const stream = new Denoise({ sampleRate: RATE, channels: 1, denoiser: slot, music: 'off' });
    const out: AudioChunk[] = [];
    stream.on('data', (one: AudioChunk) => out.push(one));
    let at = 0;
    const write = async (chunks: number) => {
      for (let n = 0; n < chunks; n++, at += 320) {
        stream.write(chunk(ones(320), at));
        await turns(5);
      }
    };
    const sound = () => out.flatMap(({ samples }) => [...samples[0]]);
    await write(10);
    expect(sound().at(-1)).toBe(0.5);
    first.failure = new Error('the thread is gone');
    await write(30);
    expect(stream.passing).toBe(true);
    expect(sound().at(-1)).toBe(1);
    const swap = slot.swap(new HopDenoiser({ ...A, gain: 0.25 }).open(RATE));
    await write(20);
    await swap;
    expect(stream.passing).toBe(false);
    expect(sound().at(-1)).toBe(0.25);
    await end(stream);
    const all = sound();
    expect(all).toHaveLength(at);
    // Fades between wet and dry take 2 ms.
    for (let n = 1; n < all.length; n++) expect(Math.abs(all[n] - all[n - 1])).toBeLessThan(1 / 32);
  });
});

describe('the models of denoisers in a slot', () => {
  it('are freed when their owner and the last denoiser have let go of them', async () => {
    const [model, other] = await Promise.all(
      [7, 8].map((seed) => Model.fromBytes(roughCheckpoint('unet1d-lstm', TINY, seed))),
    );
    const format = { sampleRate: model.info.sampleRate, channels: 1 };
    const slot = new DenoiserSlot(format, modelDenoiser(model)(format));
    await model.release();
    const stream = model.createStream();
    await stream.process(ones(1000));
    const done = slot.swap(other);
    for (let n = 0; n < 20; n++) await slot.process([ones(1000)]);
    await done;
    await expect(stream.process(ones(1000))).rejects.toMatchObject({ code: 'E_INFERENCE' });
    expect(() => model.retain()).toThrow('closed');
    slot.close();
    await other.createStream().process(ones(1000));
    await other.release();
    expect(() => other.retain()).toThrow('closed');
  });
});
