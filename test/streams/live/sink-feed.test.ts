import { once } from 'node:events';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AudioChunk } from '../../../src/audio/chunk.js';
import { Resampler } from '../../../src/audio/resample.js';
import { SinkFeed } from '../../../streams/live/sink-feed.js';
import { ChunkSink } from '../../../streams/sinks/audio-sink.js';

class Collector extends ChunkSink {
  readonly chunks: AudioChunk[] = [];
  constructor(
    sampleRate: number,
    override readonly canRaiseRate = false,
  ) {
    super({ sampleRate, channels: 1 }, 1000);
  }
  protected async consume(chunk: AudioChunk): Promise<void> {
    this.chunks.push(chunk);
  }
  get sound(): number[] {
    return this.chunks.flatMap(({ samples }) => [...samples[0]]);
  }
}

const noise = Float32Array.from({ length: 9600 }, (_, n) => Math.sin(n * n * 0.001) * 0.3);

function piece(from: number, to: number, sampleRate: number): AudioChunk {
  return { samples: [noise.slice(from, to)], sampleRate, firstSample: BigInt(from) };
}

async function end(feed: SinkFeed): Promise<void> {
  const closed = once(feed.sink, 'close');
  feed.end();
  await closed;
}

describe('SinkFeed', () => {
  it('resamples for a sink that cannot change, the same at every chunking, in step', async () => {
    const offline = new Resampler(1, 48_000, 16_000);
    const whole = [offline.process([noise])[0], offline.flush()[0]].flatMap((part) => [...part]);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(9600), { maxLength: 6 }), async (cuts) => {
        const feed = new SinkFeed(new Collector(16_000));
        const places = [0, ...cuts.sort((a, b) => a - b), 9600];
        for (let i = 1; i < places.length; i++) feed.write(piece(places[i - 1], places[i], 48_000));
        await end(feed);
        const { sound, chunks } = feed.sink as Collector;
        expect(sound).toEqual(whole);
        let next = 0n;
        for (const { firstSample, samples } of chunks) {
          expect(firstSample).toBe(next);
          next += BigInt(samples[0].length);
        }
      }),
      { numRuns: 20 },
    );
  });

  it('raises a sink that can, and from then on brings it everything at that rate', async () => {
    const feed = new SinkFeed(new Collector(16_000, true));
    feed.write(piece(0, 1600, 16_000));
    feed.write(piece(4800, 9600, 48_000));
    feed.write(piece(3200, 4800, 16_000));
    await end(feed);
    const { chunks } = feed.sink as Collector;
    const lengths = new Map<number, number>();
    for (const { sampleRate, samples } of chunks)
      lengths.set(sampleRate, (lengths.get(sampleRate) ?? 0) + samples[0].length);
    expect([...lengths]).toEqual([
      [16_000, 1600],
      [48_000, 4800 + 4800],
    ]);
    expect(chunks.find(({ firstSample }) => firstSample === 9600n)).toMatchObject({ sampleRate: 48_000 });
  });

  it('brings gaps through the resampling: what was before them is complete, the loss in samples of the sink', async () => {
    const feed = new SinkFeed(new Collector(16_000));
    feed.write(piece(0, 3000, 48_000));
    feed.write({ ...piece(6000, 9000, 48_000), discontinuity: { lostSamples: 3000n, reason: 'test' } });
    await end(feed);
    const { chunks, sound } = feed.sink as Collector;
    expect(sound.length).toBe(2000);
    const after = chunks.find(({ discontinuity }) => discontinuity !== undefined)!;
    expect(after).toMatchObject({
      firstSample: 2000n,
      discontinuity: { lostSamples: 1000n, reason: 'test' },
    });
  });
});
