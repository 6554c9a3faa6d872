import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  SPECTRUM_HEADER_BYTES,
  SpectrumDecoder,
  SpectrumEncoder,
  toDb,
  toStep,
} from '../../../src/monitor/protocol/spectrum-codec.js';
import { FrameError } from '../../../src/web/audio-frame.js';

const line = (powerDb: ArrayLike<number>, at = {}) => ({
  seconds: 1.5,
  firstHz: 144e6,
  stepHz: 1000,
  powerDb: Float32Array.from(powerDb),
  ...at,
});

describe('lines of a waterfall', () => {
  it('come within 2 dB of what they were, delta after delta', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.integer({ min: -120, max: 0 }), { minLength: 64, maxLength: 64 }), {
          minLength: 2,
          maxLength: 60,
        }),
        (lines) => {
          const encoder = new SpectrumEncoder('iq');
          const decoder = new SpectrumDecoder();
          for (const [index, powerDb] of lines.entries()) {
            const { place, sequence, seconds, firstHz, stepHz, values } = decoder.decode(
              encoder.encode(line(powerDb)),
            )!;
            expect({ place, sequence, seconds, firstHz, stepHz }).toEqual({
              place: 'iq',
              sequence: index,
              seconds: 1.5,
              firstHz: 144e6,
              stepHz: 1000,
            });
            powerDb.forEach((db, bin) => {
              expect(Math.abs(toDb(values[bin]) - db)).toBeLessThanOrEqual(1.75);
            });
          }
        },
      ),
      { numRuns: 40 },
    );
  });

  it('send only what changed, and all of it after a retune', () => {
    const encoder = new SpectrumEncoder('iq');
    const quiet = new Float32Array(1024).fill(-90);
    const whole = SPECTRUM_HEADER_BYTES + 1024;
    expect(encoder.encode(line(quiet)).length).toBe(whole);
    expect(encoder.encode(line(quiet)).length).toBe(SPECTRUM_HEADER_BYTES);
    const carrier = quiet.slice();
    carrier[500] = -40;
    expect(encoder.encode(line(carrier)).length).toBe(SPECTRUM_HEADER_BYTES + 5);
    expect(encoder.encode(line(carrier, { firstHz: 145e6 })).length).toBe(whole);
    encoder.restart();
    expect(encoder.encode(line(carrier, { firstHz: 145e6 })).length).toBe(whole);
  });

  it('are limited to the range of a byte', () => {
    expect([toStep(-500), toStep(99), toDb(0), toDb(255)]).toEqual([0, 255, -120, 7.5]);
  });

  it('cannot be read without the line that a delta builds on', () => {
    const encoder = new SpectrumEncoder('received');
    const quiet = new Float32Array(64);
    encoder.encode(line(quiet));
    expect(new SpectrumDecoder().decode(encoder.encode(line(quiet)))).toBeUndefined();
  });

  it('that are broken are refused, whatever the bytes', () => {
    const whole = new SpectrumEncoder('iq').encode(line(new Float32Array(64)));
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 0, maxLength: 80 }), (tail) => {
        const decoder = new SpectrumDecoder();
        decoder.decode(whole);
        const bytes = Uint8Array.from([...whole.subarray(0, SPECTRUM_HEADER_BYTES), ...tail]);
        bytes[3] = 1;
        try {
          expect(decoder.decode(bytes)!.values.length).toBe(64);
        } catch (error) {
          expect(error).toBeInstanceOf(FrameError);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
