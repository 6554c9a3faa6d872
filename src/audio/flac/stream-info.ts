import { InputError } from '../../errors.js';

/** What the STREAMINFO block of a FLAC stream declares (RFC 9639, section 8.2). */
export interface FlacStreamInfo {
  /** Samples per channel of the shortest and the longest frame, the last one aside. */
  shortestBlock: number;
  longestBlock: number;
  /** Hz. */
  sampleRate: number;
  channels: number;
  /** Bits per sample, 4 to 32. */
  bits: number;
  /** Length in frames; `undefined` where the encoder did not know it. */
  frames: number | undefined;
  /** Of the samples, as hexadecimal digits; `undefined` where the encoder left it out. */
  md5: string | undefined;
}

/** Bytes of the block, which have no header of their own here. */
export const STREAM_INFO_BYTES = 34;

/** @throws InputError `E_ZERO_RATE`, `E_CORRUPT` */
export function parseStreamInfo(block: Uint8Array): FlacStreamInfo {
  const view = Buffer.from(block.buffer, block.byteOffset, block.byteLength);
  const packed = view.readUInt32BE(10);
  const sampleRate = packed >>> 12;
  const bits = ((packed >>> 4) & 31) + 1;
  const frames = (packed & 15) * 2 ** 32 + view.readUInt32BE(14);
  const md5 = view.toString('hex', 18, STREAM_INFO_BYTES);
  if (sampleRate === 0) throw new InputError('E_ZERO_RATE', 'The FLAC header says 0 Hz: not audio.');
  if (bits < 4) throw new InputError('E_CORRUPT', `The FLAC header says ${bits} bits per sample.`);
  return {
    shortestBlock: view.readUInt16BE(0),
    longestBlock: view.readUInt16BE(2),
    sampleRate,
    channels: ((packed >>> 9) & 7) + 1,
    bits,
    frames: frames === 0 ? undefined : frames,
    md5: /^0*$/.test(md5) ? undefined : md5,
  };
}
