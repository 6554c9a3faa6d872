import { crc8 } from './crc.js';

/** How the two channels of a frame are coded; more than two are always independent. */
export type ChannelCoding = 'independent' | 'left-side' | 'side-right' | 'mid-side';

/** What the header of one frame says (RFC 9639, section 9.1). */
export interface FrameHeader {
  /** Samples per channel, 1 to 65 536. */
  blockSize: number;
  /** Hz; `undefined`: as in STREAMINFO. */
  sampleRate: number | undefined;
  channels: number;
  coding: ChannelCoding;
  /** Bits per sample; `undefined`: as in STREAMINFO. */
  bits: number | undefined;
  /** Whether `number` counts samples; frames otherwise. */
  variable: boolean;
  /** Of the frame, or of its first sample. */
  number: number;
  /** Bytes of the header, checksum included. */
  length: number;
}

/** The longest header: sync and codes, a number of 7 bytes, block size, sample rate, checksum. */
export const LONGEST_HEADER = 4 + 7 + 2 + 2 + 1;

/** Sample rates with a code of their own, the first being 1. */
export const RATES: readonly number[] = [
  88_200, 176_400, 192_000, 8000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 96_000,
];
/** Bits per sample by their codes; 0 stands for what STREAMINFO says, 3 is reserved. */
export const BITS: readonly (number | undefined)[] = [undefined, 8, 12, undefined, 16, 20, 24, 32];
const CODINGS: readonly ChannelCoding[] = ['left-side', 'side-right', 'mid-side'];

/** Whether a frame may start here: 15 bits that no sample of MP3 or AAC starts with either. */
export function isFrameSync(bytes: Uint8Array, at: number): boolean {
  return bytes[at] === 0xff && (bytes[at + 1] & 0xfe) === 0xf8;
}

/** @returns the header at `at`, or `undefined` where there is none, whole and with the right checksum. */
export function parseFrameHeader(bytes: Uint8Array, at: number): FrameHeader | undefined {
  if (!isFrameSync(bytes, at) || at + 6 > bytes.length) return undefined;
  const sizeCode = bytes[at + 2] >> 4;
  const rateCode = bytes[at + 2] & 15;
  const channelCode = bytes[at + 3] >> 4;
  const bitsCode = (bytes[at + 3] >> 1) & 7;
  const reserved = sizeCode === 0 || rateCode === 15 || channelCode > 10 || bitsCode === 3;
  if (reserved || (bytes[at + 3] & 1) !== 0) return undefined;

  let next = at + 4;
  const coded = codedNumber(bytes, next);
  if (coded === undefined) return undefined;
  next += coded.length;
  let blockSize = sizeCode === 1 ? 192 : sizeCode < 6 ? 144 << sizeCode : sizeCode < 8 ? 0 : 1 << sizeCode;
  if (sizeCode === 6) blockSize = bytes[next++] + 1;
  else if (sizeCode === 7) blockSize = ((bytes[next++] << 8) | bytes[next++]) + 1;
  let sampleRate: number | undefined = rateCode > 0 && rateCode < 12 ? RATES[rateCode - 1] : undefined;
  if (rateCode === 12) sampleRate = bytes[next++] * 1000;
  else if (rateCode > 12) sampleRate = ((bytes[next++] << 8) | bytes[next++]) * (rateCode === 14 ? 10 : 1);
  if (next >= bytes.length || crc8(bytes, at, next) !== bytes[next]) return undefined;
  return {
    blockSize,
    sampleRate,
    channels: channelCode < 8 ? channelCode + 1 : 2,
    coding: channelCode < 8 ? 'independent' : CODINGS[channelCode - 8],
    bits: BITS[bitsCode],
    variable: (bytes[at + 1] & 1) === 1,
    number: coded.value,
    length: next + 1 - at,
  };
}

/** A number of up to 36 bits, coded as UTF-8 codes its first 31. */
function codedNumber(bytes: Uint8Array, at: number): { value: number; length: number } | undefined {
  const first = bytes[at];
  if (first < 0x80) return { value: first, length: 1 };
  // The number of leading ones is the length in bytes.
  const length = Math.clz32(~(first << 24));
  if (length < 2 || length > 7) return undefined;
  let value = first & (0x7f >> length);
  for (let i = 1; i < length; i++) {
    const byte = bytes[at + i];
    if ((byte & 0xc0) !== 0x80) return undefined;
    value = value * 64 + (byte & 0x3f);
  }
  return { value, length };
}
