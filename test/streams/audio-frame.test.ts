import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AudioChunk } from '../../src/audio/chunk.js';
import { InputError } from '../../src/errors.js';
import { decodeAudioFrame, encodeAudioFrame } from '../../streams/audio-frame.js';

const chunk = fc
  .record({
    channels: fc.integer({ min: 1, max: 4 }),
    frames: fc.integer({ min: 0, max: 50 }),
    sampleRate: fc.integer({ min: 4_000, max: 1_000_000 }),
    firstSample: fc.bigInt({ min: 0n, max: 2n ** 60n }),
    lost: fc.option(fc.bigInt({ min: 0n, max: 2n ** 60n })),
    gap: fc.boolean(),
    seed: fc.integer({ min: 1, max: 1000 }),
  })
  .map(({ channels, frames, sampleRate, firstSample, lost, gap, seed }): AudioChunk => {
    const channel = (c: number) => Float32Array.from({ length: frames }, (_, i) => Math.sin(seed * i + c));
    const samples = Array.from({ length: channels }, (_, c) => channel(c));
    const reason = 'lost before it was sent';
    const discontinuity = lost === null ? { reason } : { lostSamples: lost, reason };
    return gap ? { samples, sampleRate, firstSample, discontinuity } : { samples, sampleRate, firstSample };
  });

describe('audio messages', () => {
  it('carry a chunk unchanged as floats', () => {
    fc.assert(
      fc.property(chunk, (sent) => {
        expect(decodeAudioFrame(encodeAudioFrame(sent, 'f32'))).toEqual(sent);
      }),
    );
  });

  it('carry it to 16 bits else', () => {
    const sent = { samples: [Float32Array.of(0.5, -1, 1.5)], sampleRate: 48_000, firstSample: 3n };
    expect([...decodeAudioFrame(encodeAudioFrame(sent)).samples[0]!]).toEqual([0.5, -1, 32_767 / 32_768]);
  });

  it('are refused when they are anything else, without a crash', () => {
    const good = encodeAudioFrame({ samples: [new Float32Array(9)], sampleRate: 48_000, firstSample: 0n });
    const edits = fc.array(fc.tuple(fc.nat(31), fc.nat(255)), { maxLength: 6 });
    fc.assert(
      fc.property(edits, fc.nat(good.length), (changes, length) => {
        const bytes = Buffer.from(good);
        for (const [at, value] of changes) bytes[at] = value;
        try {
          expect(decodeAudioFrame(bytes.subarray(0, length)).samples.length).toBeGreaterThan(0);
        } catch (error) {
          expect(error).toBeInstanceOf(InputError);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
