import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DenoiserSlot } from '../../../streams/denoise/slot.js';
import { HopDenoiser, type HopDenoiserOptions } from '../../support/hop-denoiser.js';
import { testSignal } from '../../support/tiny-model.js';
import { turns } from '../../support/until.js';

const RATE = 16_000;
const FADE = 800;
const A: HopDenoiserOptions = { hop: 256, latencySamples: 256 };
/** Another family: other hop, more latency. */
const B: HopDenoiserOptions = { hop: 160, latencySamples: 480 };
/** What B needs. */
const DELAY = 640;

const make = (options: HopDenoiserOptions = A, slot: { historySeconds?: number } = {}) => {
  const first = new HopDenoiser(options);
  const given = { sampleRate: RATE, channels: 1, delaySamples: DELAY, ...slot };
  return { first, slot: new DenoiserSlot(given, first.open(RATE)) };
};

/** Feeds a signal in chunks; gives what came out. */
async function feed(slot: DenoiserSlot, input: Float32Array, chunk = 128): Promise<number[]> {
  const out: number[] = [];
  for (let at = 0; at < input.length; at += chunk) {
    const [samples] = await slot.process([input.subarray(at, at + chunk)]);
    out.push(...samples);
    await turns(1);
  }
  return out;
}

const scaled = (input: Float32Array, gain: number) => [...input.map((x) => gain * x)];

describe('DenoiserSlot', () => {
  it('gives what its denoiser gives, at the delay that it was made with', async () => {
    const { slot } = make({ ...A, gain: 0.5 });
    const input = testSignal(5000);
    const out = await feed(slot, input, 123);
    // 19 hops of 256 have come, and leave a hop later than the delay.
    expect(out).toHaveLength(20 * 256 - DELAY);
    out.push(...(await slot.flush())[0]);
    expect(out).toEqual(scaled(input, 0.5));
  });

  it('loses and repeats nothing in 1000 swaps between families of other hops and latencies', async () => {
    const { slot } = make({ ...A, gain: 0.5 }, { historySeconds: 0.1 });
    const input = testSignal(1000 * 2048 + 4096);
    let swaps = 0;
    const next = (at: number): void => {
      const newcomer = new HopDenoiser({ ...(swaps % 2 === 0 ? B : A), gain: 0.5 });
      void slot.swap(newcomer.open(RATE), { at }).then(() => {
        if (++swaps < 1000) next(at + 2048);
      });
    };
    next(1024);
    const all = new Float32Array(input.length);
    let given = 0;
    for (let at = 0; at < input.length; at += 500) {
      const [samples] = await slot.process([input.subarray(at, at + 500)]);
      all.set(samples, given);
      given += samples.length;
      const received = Math.min(input.length, at + 500);
      if (given < received - DELAY) throw new Error(`The delay rose at sample ${received}.`);
      if (given > Math.max(0, (Math.floor(received / 256) + 1) * 256 - DELAY))
        throw new Error(`Samples came out too early at sample ${received}.`);
    }
    all.set((await slot.flush())[0], given);
    expect(swaps).toBe(1000);
    expect(all.findIndex((x, n) => x !== input[n] / 2)).toBe(-1);
  }, 60_000);

  it('cross-fades linearly over 50 ms from a hop on, and tells where', async () => {
    const { slot, first } = make({ ...A, gain: 0 });
    const newcomer = new HopDenoiser({ ...B, gain: 1 });
    const swapped: number[] = [];
    slot.on('swapped', (at) => swapped.push(at));
    const done = slot.swap(newcomer.open(RATE), { at: 3000 });
    const out = await feed(slot, new Float32Array(8000).fill(1));
    expect(await done).toBe(3072);
    expect(swapped).toEqual([3072]);
    const expected = out.map((_, n) => Math.min(1, Math.max(0, (n - 3072 + 0.5) / FADE)));
    for (const [n, x] of out.entries()) expect(x).toBeCloseTo(expected[n], 6);
    expect(first.closes).toBe(1);
    expect(newcomer.closes).toBe(0);
    slot.close();
    expect(newcomer.closes).toBe(1);
  });

  it('warms a newcomer on the recent input before it is heard', async () => {
    const history = 0.2;
    const { slot } = make({ ...A, memory: 0.999 }, { historySeconds: history });
    const newcomer = new HopDenoiser({ ...A, memory: 0.999 });
    const at = 8192;
    const done = slot.swap(newcomer.open(RATE), { at });
    const input = testSignal(16_000);
    const out = await feed(slot, input);
    await done;
    const alone = new HopDenoiser({ ...A, memory: 0.999 });
    const from = at - history * RATE;
    const [expected] = await alone.process([input.subarray(from)]);
    const rest = out.slice(at + FADE);
    expect(rest).toEqual([...expected.subarray(at + FADE - from, at + FADE - from + rest.length)]);
  });

  it('gives the same output for every chunking where swaps have places', async () => {
    const input = testSignal(16_000);
    const run = async (chunk: number) => {
      const { slot } = make({ ...A, memory: 0.9 }, { historySeconds: 0.1 });
      const places = [1000, 4000, 7000, 9500, 13_000];
      const next = (): void => {
        const at = places.shift();
        if (at === undefined) return;
        const options = places.length % 2 === 0 ? B : A;
        void slot.swap(new HopDenoiser({ ...options, memory: 0.99 }).open(RATE), { at }).then(next);
      };
      next();
      const out = await feed(slot, input, chunk);
      return [...out, ...(await slot.flush())[0]];
    };
    const whole = await run(200);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 1000 }), async (chunk) => {
        expect(await run(chunk)).toEqual(whole);
      }),
      { numRuns: 10 },
    );
  });

  it('keeps the stream going while a newcomer is warmed', async () => {
    const { slot } = make({ ...A, gain: 0.5 });
    const newcomer = new HopDenoiser(B);
    let release = () => {};
    newcomer.held = new Promise((resolve) => {
      release = resolve;
    });
    await feed(slot, testSignal(32_000));
    const done = slot.swap(newcomer.open(RATE));
    const meanwhile = await feed(slot, new Float32Array(8000).fill(1));
    expect(meanwhile.slice(DELAY).every((x) => x === 0.5)).toBe(true);
    release();
    await turns();
    const after = await feed(slot, new Float32Array(4000).fill(1));
    expect(await done).toBeGreaterThanOrEqual(40_000);
    expect(after.at(-1)).toBe(1);
  });

  it('resets both denoisers, and ends a cross-fade where the signal breaks', async () => {
    const { slot, first } = make({ ...A, gain: 0.5 });
    const newcomer = new HopDenoiser(B);
    const done = slot.swap(newcomer.open(RATE), { at: 1024 });
    await feed(slot, testSignal(1024 + 300));
    await slot.flush();
    slot.reset();
    expect(await done).toBe(1024);
    expect(first.closes).toBe(1);
    const input = testSignal(4000, 2);
    const out = [...(await feed(slot, input)), ...(await slot.flush())[0]];
    expect(out).toEqual([...input]);
    expect(newcomer.resets).toBeGreaterThan(0);
  });

  it('starts warming again where the signal breaks meanwhile', async () => {
    const { slot, first } = make({ ...A, gain: 0.5 });
    const newcomer = new HopDenoiser({ ...A, memory: 0.9 });
    let release = () => {};
    newcomer.held = new Promise((resolve) => {
      release = resolve;
    });
    await feed(slot, testSignal(4000));
    const done = slot.swap(newcomer.open(RATE));
    await turns();
    slot.reset();
    release();
    await turns();
    const input = testSignal(9000, 2);
    const out = await feed(slot, input);
    const at = await done;
    expect(first.resets).toBe(1);
    const alone = new HopDenoiser({ ...A, memory: 0.9 });
    const [expected] = await alone.process([input]);
    const start = at - 4000 + FADE;
    expect(out.slice(start)).toEqual([...expected.subarray(start, out.length)]);
  });
});
