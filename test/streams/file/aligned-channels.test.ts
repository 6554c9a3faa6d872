import { describe, expect, it } from 'vitest';
import { FullBandDenoiser } from '../../../src/engine/full-band.js';
import type { MonoDenoiser } from '../../../src/engine/mono-denoiser.js';
import { AlignedChannels, type AlignedStretch } from '../../../streams/file/aligned-channels.js';

/** Gives `gain ×` its input in whole hops, `latency` samples late, as a model does. */
class LateGain implements MonoDenoiser {
  readonly sampleRate = 16_000;
  private held: number[] = [];

  constructor(
    private readonly gain: number,
    readonly latencySamples: number,
    private readonly hop = 7,
  ) {}

  async process(samples: Float32Array): Promise<Float32Array> {
    this.held.push(...samples);
    const ready = Math.max(0, Math.floor((this.held.length - this.latencySamples) / this.hop) * this.hop);
    return Float32Array.from(this.held.splice(0, ready), (value) => this.gain * value);
  }

  async flush(): Promise<Float32Array> {
    return Float32Array.from(this.held.splice(0), (value) => this.gain * value);
  }

  reset(): void {
    this.held = [];
  }
}

const left = Float32Array.from({ length: 1000 }, (_, n) => Math.sin(n * 0.1));
const right = Float32Array.from({ length: 1000 }, (_, n) => Math.cos(n * 0.37));

function channelsOf(...denoisers: MonoDenoiser[]): AlignedChannels {
  return new AlignedChannels(
    denoisers.map((denoiser) => new FullBandDenoiser({ sampleRate: 16_000, denoisers: [denoiser] })),
  );
}

/** The whole recording in pieces of `size`: `[channels][time]` before and after. */
async function run(size: number, overlapping: boolean): Promise<AlignedStretch> {
  const channels = channelsOf(new LateGain(0.25, 20), new LateGain(0.25, 20));
  const results: Promise<AlignedStretch>[] = [];
  for (let at = 0; at < left.length; at += size) {
    results.push(channels.process([left.subarray(at, at + size), right.subarray(at, at + size)]));
    if (!overlapping) await results.at(-1);
  }
  results.push(channels.flush());
  const stretches = await Promise.all(results);
  const joined = (part: 'before' | 'after', c: number) =>
    Float32Array.from(stretches.flatMap((stretch) => [...stretch[part][c]]));
  return {
    before: [joined('before', 0), joined('before', 1)],
    after: [joined('after', 0), joined('after', 1)],
  };
}

describe('AlignedChannels', () => {
  it.each([
    [1, false],
    [7, true],
    [64, true],
    [333, false],
    [1000, true],
  ])(
    'pairs input and output sample for sample in chunks of %i, overlapping: %s',
    async (size, overlapping) => {
      const { before, after } = await run(size, overlapping);
      expect(before).toEqual([left, right]);
      for (const [c, channel] of [left, right].entries()) {
        expect(after[c]).toHaveLength(channel.length);
        const worst = Math.max(...after[c].map((value, n) => Math.abs(value - 0.25 * channel[n])));
        expect(worst).toBeLessThan(1e-6);
      }
    },
  );

  it('refuses denoisers that part ways', async () => {
    const channels = channelsOf(new LateGain(1, 20, 7), new LateGain(1, 20, 9));
    await expect(channels.process([left, right])).rejects.toMatchObject({ code: 'E_MISALIGNED' });
  });
});
