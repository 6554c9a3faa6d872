import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Random } from '../../../src/random.js';
import { NoiseBlanker } from '../../../streams/radio/noise-blanker.js';

const RATE = 240_000;

/** A carrier 2 kHz off in noise 30 dB under it, with pulses 40 dB over it where `pulsesAt` says. */
function samples(count: number, pulsesAt: readonly number[], pulse = 3) {
  const random = new Random(1);
  const i = new Float32Array(count);
  const q = new Float32Array(count);
  for (let n = 0; n < count; n++) {
    i[n] = 0.01 * Math.cos(0.052 * n) + 2e-4 * random.normal();
    q[n] = 0.01 * Math.sin(0.052 * n) + 2e-4 * random.normal();
  }
  for (const at of pulsesAt) for (let n = at; n < at + pulse; n++) i[n] += 1;
  return { i, q };
}

function blanked({ i, q }: { i: Float32Array; q: Float32Array }, sizes: readonly number[] = [2048]) {
  const blanker = new NoiseBlanker({ sampleRate: RATE });
  const out = { i: new Float32Array(i.length), q: new Float32Array(i.length) };
  const work = { i: new Float32Array(4096), q: new Float32Array(4096) };
  for (let at = 0, k = 0; at < i.length; k++) {
    const count = Math.min(sizes[k % sizes.length], i.length - at);
    work.i.set(i.subarray(at, at + count), 100);
    work.q.set(q.subarray(at, at + count), 100);
    blanker.process(work.i, work.q, 100, count);
    out.i.set(work.i.subarray(100, 100 + count), at);
    out.q.set(work.q.subarray(100, 100 + count), at);
    at += count;
  }
  return { blanker, ...out };
}

const PULSES = [5000, 5240, 7000, 9001];

describe('NoiseBlanker', () => {
  it('bridges short pulses with what lies around them', () => {
    const { blanker, i } = blanked(samples(12_000, PULSES));
    const clean = samples(12_000, []).i;
    expect(blanker.pulses).toBe(PULSES.length);
    for (let n = blanker.latency; n < i.length; n++)
      expect(Math.abs(i[n] - clean[n - blanker.latency])).toBeLessThan(4e-3);
  });

  it('leaves all else as it is, late by its latency', () => {
    const { i, q } = samples(12_000, []);
    const out = blanked({ i, q });
    expect(out.blanker.pulses).toBe(0);
    expect(out.i.subarray(out.blanker.latency)).toEqual(i.subarray(0, -out.blanker.latency));
    expect(out.q.subarray(out.blanker.latency)).toEqual(q.subarray(0, -out.blanker.latency));
  });

  it('lets a signal pass that begins suddenly, however strong', () => {
    const { i, q } = samples(12_000, [6000], 6000);
    const out = blanked({ i, q });
    expect(out.blanker.pulses).toBe(0);
    expect(out.i.subarray(out.blanker.latency)).toEqual(i.subarray(0, -out.blanker.latency));
  });

  it('gives the same however the samples are split', () => {
    const source = samples(10_000, PULSES);
    const whole = blanked(source);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 2048 }), { minLength: 1 }), (sizes) => {
        const split = blanked(source, sizes);
        expect(split.i).toEqual(whole.i);
        expect(split.q).toEqual(whole.q);
        expect(split.blanker.blankedSamples).toBe(whole.blanker.blankedSamples);
      }),
      { numRuns: 20 },
    );
  });

  it('is as new after a reset', () => {
    const { i, q } = samples(4000, [3000]);
    const blanker = new NoiseBlanker({ sampleRate: RATE });
    const run = () => {
      const work = { i: new Float32Array(5000), q: new Float32Array(5000) };
      work.i.set(i);
      work.q.set(q);
      blanker.process(work.i, work.q, 0, 4000);
      return work.i.slice(0, 4000);
    };
    const first = run();
    blanker.reset();
    expect(run()).toEqual(first);
    expect(blanker.pulses).toBe(1);
  });
});
