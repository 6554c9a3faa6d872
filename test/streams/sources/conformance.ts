import { describe, expect, it } from 'vitest';
import type { AudioChunk } from '../../../src/audio/chunk.js';
import { type AudioSource, chunkLength, type IqSource } from '../../../streams/sources/chunk-source.js';
import type { IqChunk } from '../../../streams/sources/iq-chunk.js';
import { turns, until } from '../../support/until.js';

/** How the suite gets at one kind of source. */
export interface SourceCase {
  name: string;
  /** Opens a source that will give at least `wanted` samples, or ends by itself. */
  open: () => Promise<AudioSource | IqSource>;
  /** Samples the suite waits for. */
  wanted: number;
  /** Called while the suite reads, for sources that something must feed. */
  feed?: () => void;
  /** Reason why this kind cannot run on this machine. */
  skip?: string | undefined;
  /** Called after each test. */
  cleanUp?: () => Promise<void> | void;
}

const ARRAY_OF = { cu8: Uint8Array, cs8: Int8Array, cs16: Int16Array, cf32: Float32Array };

function check(chunk: AudioChunk | IqChunk, source: AudioSource | IqSource): void {
  expect(chunk.sampleRate).toBe(source.sampleRate);
  expect(chunkLength(chunk)).toBeGreaterThan(0);
  if ('format' in chunk) {
    expect(source.kind).toBe('iq');
    expect(chunk.samples.length % 2).toBe(0);
    expect(chunk.samples).toBeInstanceOf(ARRAY_OF[chunk.format]);
    expect(Number.isFinite(chunk.centreHz)).toBe(true);
    return;
  }
  expect(source.kind).toBe('audio');
  for (const channel of chunk.samples) {
    expect(channel).toBeInstanceOf(Float32Array);
    expect(channel.length).toBe(chunk.samples[0]!.length);
  }
}

/** What every source owes its reader, run over each implementation. */
export function sourceConformance(source: SourceCase): void {
  const title = source.skip === undefined ? source.name : `${source.name} (skipped: ${source.skip})`;
  describe.skipIf(source.skip !== undefined)(`source contract: ${title}`, () => {
    it('numbers samples without a gap that is not marked, and accounts for all of them', async () => {
      const opened = await source.open();
      let next = 0n;
      let received = 0;
      let marked = 0n;
      opened.on('data', (chunk: AudioChunk | IqChunk) => {
        check(chunk, opened);
        const lost = chunk.discontinuity?.lostSamples ?? 0n;
        expect(chunk.firstSample).toBe(next + lost);
        marked += lost;
        next = chunk.firstSample + BigInt(chunkLength(chunk));
        received += chunkLength(chunk);
      });
      await until(() => {
        if (opened.readableFlowing) source.feed?.();
        return received >= source.wanted || opened.readableEnded;
      });
      opened.pause();
      expect(received).toBeGreaterThanOrEqual(source.wanted);
      expect(opened.stats.samples).toBeGreaterThanOrEqual(BigInt(received));
      expect(opened.stats.lostSamples).toBeGreaterThanOrEqual(marked);
      opened.destroy();
      await source.cleanUp?.();
    });

    it('holds back when nobody reads, within its queue', async () => {
      const opened = await source.open();
      for (let i = 0; i < 100; i++) {
        source.feed?.();
        await turns(4);
      }
      expect(opened.readableLength).toBeLessThanOrEqual(opened.readableHighWaterMark + 1);
      if (!opened.live) expect(opened.stats.queuedSamples).toBe(0);
      else expect(opened.stats.queuedSamples).toBeLessThanOrEqual(2.5 * opened.sampleRate);
      opened.destroy();
      await source.cleanUp?.();
    });

    it('closes once, without an error', async () => {
      const opened = await source.open();
      let closed = 0;
      let errors = 0;
      opened.on('close', () => closed++);
      opened.on('error', () => errors++);
      opened.destroy();
      opened.destroy();
      await until(() => closed > 0);
      await turns();
      expect([closed, errors]).toEqual([1, 0]);
      expect(opened.stats.state).toBe('ended');
      await source.cleanUp?.();
    });
  });
}
