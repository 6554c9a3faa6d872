import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BYTES_PER_SAMPLE, type SampleFormat } from '../../src/audio/format.js';
import { decodePcm, encodePcm } from '../../src/audio/pcm.js';

const formats = Object.keys(BYTES_PER_SAMPLE) as SampleFormat[];
const single: SampleFormat[] = ['u8', 's8', 's16', 's24', 'f32'];

function roundTrip(
  bytes: Uint8Array,
  sampleFormat: SampleFormat,
  channels: number,
  double: boolean,
): Uint8Array {
  const frames = bytes.length / BYTES_PER_SAMPLE[sampleFormat] / channels;
  const planar = Array.from({ length: channels }, () =>
    double ? new Float64Array(frames) : new Float32Array(frames),
  );
  decodePcm(bytes, { channels, sampleFormat }, planar, frames);
  const out = new Uint8Array(bytes.length);
  expect(encodePcm(planar, { channels, sampleFormat }, out, frames)).toBe(0);
  return out;
}

/** Bytes of whole frames; floats are made of finite numbers, as NaN has many codes. */
function interleaved(sampleFormat: SampleFormat, channels: number): fc.Arbitrary<Uint8Array> {
  const size = BYTES_PER_SAMPLE[sampleFormat] * channels;
  if (sampleFormat === 'f32' || sampleFormat === 'f64') {
    const value = sampleFormat === 'f32' ? fc.float({ noNaN: true }) : fc.double({ noNaN: true });
    return fc.array(fc.array(value, { minLength: channels, maxLength: channels })).map((frames) => {
      const flat = frames.flat();
      return new Uint8Array(
        (sampleFormat === 'f32' ? Float32Array.from(flat) : Float64Array.from(flat)).buffer,
      );
    });
  }
  return fc
    .uint8Array({ maxLength: 60 * size })
    .map((bytes) => bytes.subarray(0, bytes.length - (bytes.length % size)));
}

describe('sample conversion', () => {
  it.each(single)('%s → Float32 → %s gives the same bytes', (sampleFormat) => {
    const channels = fc.integer({ min: 1, max: 4 });
    const input = channels.chain((n) => fc.tuple(fc.constant(n), interleaved(sampleFormat, n)));
    fc.assert(
      fc.property(input, ([n, bytes]) => {
        expect(Buffer.compare(roundTrip(bytes, sampleFormat, n, false), bytes)).toBe(0);
      }),
    );
  });

  it.each(formats)('%s → Float64 → %s gives the same bytes', (sampleFormat) => {
    fc.assert(
      fc.property(interleaved(sampleFormat, 2), (bytes) => {
        expect(Buffer.compare(roundTrip(bytes, sampleFormat, 2, true), bytes)).toBe(0);
      }),
    );
  });

  it('keeps every code of 8 and 16 bits, and the extremes of 24 and 32', () => {
    const all16 = new Uint8Array(Uint16Array.from({ length: 65536 }, (_, i) => i).buffer);
    expect(Buffer.compare(roundTrip(all16, 's16', 1, false), all16)).toBe(0);
    const all8 = Uint8Array.from({ length: 256 }, (_, i) => i);
    expect(roundTrip(all8, 'u8', 1, false)).toEqual(all8);
    const ends24 = Uint8Array.of(0, 0, 0x80, 0xff, 0xff, 0x7f, 1, 0, 0x80, 0xff, 0xff, 0xff);
    expect(roundTrip(ends24, 's24', 1, false)).toEqual(ends24);
    const ends32 = new Uint8Array(Int32Array.of(-(2 ** 31), 2 ** 31 - 1, 0, -1).buffer);
    expect(roundTrip(ends32, 's32', 1, true)).toEqual(ends32);
  });

  it('maps full scale to ±1', () => {
    const out = [new Float32Array(2)];
    decodePcm(
      new Uint8Array(Int16Array.of(-32768, 16384).buffer),
      { channels: 1, sampleFormat: 's16' },
      out,
      2,
    );
    expect([...out[0]]).toEqual([-1, 0.5]);
  });

  it('clips beyond full scale and counts it', () => {
    const out = new Uint8Array(10);
    const clipped = encodePcm(
      [Float32Array.of(1.5, -1.5, 1, -1, Number.NaN)],
      { channels: 1, sampleFormat: 's16' },
      out,
      5,
    );
    expect(clipped).toBe(2);
    expect([...new Int16Array(out.buffer)]).toEqual([32767, -32768, 32767, -32768, 0]);
  });

  it('keeps 20 valid bits in the top of a 24-bit container', () => {
    const codes = Uint8Array.of(0x10, 0x32, 0x54, 0xf0, 0xff, 0x7f, 0x00, 0x00, 0x80);
    const planar = [new Float32Array(3)];
    decodePcm(codes, { channels: 1, sampleFormat: 's24' }, planar, 3);
    const out = new Uint8Array(9);
    encodePcm(planar, { channels: 1, sampleFormat: 's24', validBits: 20 }, out, 3);
    expect(out).toEqual(codes);
    encodePcm([Float32Array.of(1 / 2 ** 21)], { channels: 1, sampleFormat: 's24', validBits: 20 }, out, 1);
    expect([...out.subarray(0, 3)].every((byte, i) => i > 0 || byte % 16 === 0)).toBe(true);
  });
});
