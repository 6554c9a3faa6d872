import { once } from 'node:events';
import { finished } from 'node:stream/promises';
import { describe, expect, it } from 'vitest';
import type { AudioChunk } from '../../../src/audio/chunk.js';
import type { AudioSink } from '../../../streams/sinks/audio-sink.js';

/** How the suite gets at one kind of sink. */
export interface SinkCase {
  name: string;
  /** Opens a sink for mono at 16 kHz. */
  open: () => Promise<AudioSink>;
  skip?: string | undefined;
  /** Called after each test. */
  cleanUp?: () => Promise<void> | void;
}

export const RATE = 16_000;

/** A chunk of a quiet 440 Hz tone. */
export function tone(length: number, firstSample = 0, channels = 1, sampleRate = RATE): AudioChunk {
  const samples = Float32Array.from(
    { length },
    (_, i) => 0.1 * Math.sin((2 * Math.PI * 440 * (i + firstSample)) / sampleRate),
  );
  return {
    samples: Array.from({ length: channels }, () => samples),
    sampleRate,
    firstSample: BigInt(firstSample),
  };
}

/** What every sink owes its writer, run over each implementation. */
export function sinkConformance(sink: SinkCase): void {
  const title = sink.skip === undefined ? sink.name : `${sink.name} (skipped: ${sink.skip})`;
  describe.skipIf(sink.skip !== undefined)(`sink contract: ${title}`, () => {
    it('takes every chunk, of any length, and counts samples, gaps and what is beyond full scale', async () => {
      const opened = await sink.open();
      let first = 0;
      for (const length of [160, 1, 333, 0, 1600]) {
        const chunk = tone(length, first);
        if (length === 1600) chunk.samples[0][7] = -1.5;
        if (length === 333) chunk.discontinuity = { lostSamples: 7n, reason: 'test' };
        first += length;
        if (!opened.write(chunk)) await once(opened, 'drain');
      }
      opened.end();
      await finished(opened);
      expect(opened.stats).toMatchObject({
        state: 'finished',
        samples: 2094n,
        discontinuities: 1,
        lostSamples: 7n,
        clippedSamples: 1,
      });
      await sink.cleanUp?.();
    });

    it('ends well when nothing was written', async () => {
      const opened = await sink.open();
      opened.end();
      await finished(opened);
      expect(opened.stats).toMatchObject({ state: 'finished', samples: 0n });
      await sink.cleanUp?.();
    });

    it.each([
      ['channels', tone(100, 0, 2)],
      ['rate', tone(100, 0, 1, 8_000)],
    ])('refuses a change of %s', async (_, chunk) => {
      const opened = await sink.open();
      opened.write(chunk);
      await expect(once(opened, 'drain')).rejects.toMatchObject({ code: 'E_FORMAT_CHANGED' });
      expect(opened.stats.state).toBe('failed');
      await sink.cleanUp?.();
    });

    it('refuses a higher rate, or goes over to it', async () => {
      const opened = await sink.open();
      opened.write(tone(160));
      opened.write(tone(480, 480, 1, 48_000));
      opened.end();
      const done = finished(opened);
      if (opened.canRaiseRate) {
        await done;
        expect(opened.format.sampleRate).toBe(48_000);
        expect(opened.stats.samples).toBe(640n);
      } else await expect(done).rejects.toMatchObject({ code: 'E_FORMAT_CHANGED' });
      await sink.cleanUp?.();
    });

    it('closes once, without an error, when it is destroyed', async () => {
      const opened = await sink.open();
      let errors = 0;
      opened.on('error', () => errors++);
      opened.write(tone(160));
      opened.destroy();
      opened.destroy();
      if (!opened.closed) await once(opened, 'close');
      expect(errors).toBe(0);
      await sink.cleanUp?.();
    });
  });
}
