import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  AUDIO_CODECS,
  type AudioFrame,
  decodeAudioFrame,
  encodeAudioFrame,
  FrameError,
  packSamples,
  unpackSamples,
} from '../../src/web/audio-frame.js';

const FRAME: AudioFrame = {
  codec: 's16',
  place: 1,
  sequence: 7,
  firstSample: 2 ** 40 + 3,
  sampleRate: 16_000,
  channels: 2,
  squelchShut: true,
  discontinuity: false,
  payload: Uint8Array.of(1, 2, 3, 4),
};

describe('audio frames', () => {
  it('have the layout that docs/protocol.md gives', () => {
    const hex = Buffer.from(encodeAudioFrame(FRAME)).toString('hex');
    expect(hex).toBe('01010101070000000030000000007042803e00000201000001020304');
  });

  it('come back as they went', () => {
    fc.assert(
      fc.property(
        fc.record({
          codec: fc.constantFrom(...AUDIO_CODECS),
          place: fc.integer({ min: 0, max: 255 }),
          sequence: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
          firstSample: fc.maxSafeNat(),
          sampleRate: fc.integer({ min: 8000, max: 192_000 }),
          channels: fc.integer({ min: 1, max: 8 }),
          squelchShut: fc.boolean(),
          discontinuity: fc.boolean(),
        }),
        fc.nat(20),
        (head, frames) => {
          const payload = new Uint8Array(frames * head.channels * 4).fill(3);
          expect(decodeAudioFrame(encodeAudioFrame({ ...head, payload }))).toEqual({ ...head, payload });
        },
      ),
    );
  });

  it('that are broken are refused, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        try {
          const frame = decodeAudioFrame(bytes);
          expect(encodeAudioFrame(frame).length).toBe(bytes.length);
        } catch (error) {
          expect(error).toBeInstanceOf(FrameError);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it.each(['f32', 's16'] as const)('carry samples as %s', (codec) => {
    const channels = [Float32Array.of(0, 0.5, -1), Float32Array.of(0.25, -0.25, 0.75)];
    const payload = packSamples(channels, codec);
    expect(unpackSamples({ ...FRAME, codec, payload })).toEqual(channels);
  });

  it('limit what s16 cannot hold', () => {
    const payload = packSamples([Float32Array.of(1, 2, -2)], 's16');
    expect(unpackSamples({ ...FRAME, channels: 1, payload })[0]).toEqual(
      Float32Array.of(32_767 / 32_768, 32_767 / 32_768, -1),
    );
  });
});
