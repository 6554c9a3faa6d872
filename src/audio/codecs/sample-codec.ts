import { type AudioFormat, BYTES_PER_SAMPLE } from '../format.js';
import { decodePcm } from '../pcm.js';
import type { Samples } from '../planar-blocks.js';

/** Turns stored bytes into samples, a block of fixed size at a time; blocks do not depend on one another. */
export interface SampleCodec {
  /** Bytes of a block, all channels. */
  readonly blockBytes: number;
  /** Samples per channel in a block: 1 for all that is not compressed. */
  readonly blockFrames: number;
  /**
   * Decodes `count` whole blocks.
   *
   * @param out one array per channel, full scale ±1, written from 0: `count · blockFrames` samples
   */
  decode(bytes: Uint8Array, out: readonly Samples[], count: number): void;
}

/** Plain samples. @param bigEndian as AIFF and AU have them; WAV is little-endian */
export function pcmCodec(format: AudioFormat, bigEndian = false): SampleCodec {
  const size = BYTES_PER_SAMPLE[format.sampleFormat];
  const blockBytes = size * format.channels;
  const decode: SampleCodec['decode'] = (bytes, out, count) => {
    decodePcm(bigEndian ? swapped(bytes, size) : bytes, format, out, count);
  };
  return { blockBytes, blockFrames: 1, decode };
}

function swapped(bytes: Uint8Array, size: number): Uint8Array {
  const out = new Uint8Array(bytes.length);
  for (let at = 0; at < bytes.length; at += size) {
    for (let i = 0; i < size; i++) out[at + i] = bytes[at + size - 1 - i];
  }
  return out;
}

/** A-law or µ-law, one byte per sample (ITU-T G.711). */
export function lawCodec(law: 'a-law' | 'µ-law', channels: number): SampleCodec {
  const table = law === 'a-law' ? A_LAW : MU_LAW;
  return {
    blockBytes: channels,
    blockFrames: 1,
    decode(bytes, out, count) {
      for (let c = 0; c < channels; c++) {
        const channel = out[c];
        for (let i = 0, at = c; i < count; i++, at += channels) channel[i] = table[bytes[at]];
      }
    },
  };
}

const A_LAW = Float64Array.from({ length: 256 }, (_, stored) => {
  const code = stored ^ 0x55;
  const exponent = (code >> 4) & 7;
  const mantissa = ((code & 15) << 4) + 8;
  const size = exponent === 0 ? mantissa : (mantissa + 0x100) << (exponent - 1);
  return (code & 0x80 ? size : -size) / 2 ** 15;
});

const MU_LAW = Float64Array.from({ length: 256 }, (_, stored) => {
  const code = ~stored & 0xff;
  const size = ((((code & 15) << 3) + 0x84) << ((code >> 4) & 7)) - 0x84;
  return (code & 0x80 ? -size : size) / 2 ** 15;
});
