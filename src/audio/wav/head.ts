import { type AudioFormat, BYTES_PER_SAMPLE } from '../format.js';
import type { WavChunk } from './chunks.js';
import { parseFmtChunk } from './fmt-chunk.js';

/** Speaker positions by channel count where the source named none: the order of FLAC and of SMPTE (RFC 9639, 9.1.3). */
const CHANNEL_MASKS: Readonly<Record<number, number>> = {
  3: 0x7,
  4: 0x33,
  5: 0x37,
  6: 0x3f,
  7: 0x70f,
  8: 0x63f,
};

/** Size of the `ds64` chunk without table, whose place a `JUNK` chunk keeps. */
export const DS64_BYTES = 28;

/** The `fmt ` chunk: the original where it says the same as `format`, a new one otherwise. */
export function fmtChunkFor(format: AudioFormat, original: Uint8Array | undefined): Uint8Array {
  if (original?.length) {
    const { format: stated, plain } = parseFmtChunk(original);
    const keys = ['sampleRate', 'channels', 'sampleFormat', 'validBits'] as const;
    if (plain && keys.every((key) => stated[key] === format[key])) return original;
  }
  return buildFmtChunk(format);
}

function buildFmtChunk({ sampleRate, channels, sampleFormat, validBits }: AudioFormat): Uint8Array {
  const size = BYTES_PER_SAMPLE[sampleFormat];
  const float = sampleFormat === 'f32' || sampleFormat === 'f64';
  const tag = float ? 3 : 1;
  const extensible = channels > 2 || validBits !== undefined;
  const chunk = new Uint8Array(extensible ? 40 : float ? 18 : 16);
  const view = new DataView(chunk.buffer);
  view.setUint16(0, extensible ? 0xfffe : tag, true);
  view.setUint16(2, channels, true);
  view.setUint32(4, sampleRate, true);
  view.setUint32(8, (sampleRate * channels * size) % 2 ** 32, true);
  view.setUint16(12, channels * size, true);
  view.setUint16(14, size * 8, true);
  if (extensible) {
    view.setUint16(16, 22, true);
    view.setUint16(18, validBits ?? size * 8, true);
    view.setUint32(20, CHANNEL_MASKS[channels] ?? 0, true);
    view.setUint16(24, tag, true);
    chunk.set([0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xaa, 0, 0x38, 0x9b, 0x71], 26);
  }
  return chunk;
}

/** A chunk as bytes, padded to an even length. */
export function chunkBytes({ id, data }: WavChunk): Uint8Array {
  const bytes = new Uint8Array(8 + data.length + (data.length % 2));
  bytes.set(Buffer.from(id, 'latin1'), 0);
  new DataView(bytes.buffer).setUint32(4, data.length, true);
  bytes.set(data, 8);
  return bytes;
}

/** The sizes of a file at some moment, all in bytes but `frames`. */
export interface WavSizes {
  /** The whole file. */
  file: number;
  /** The samples. */
  data: number;
  frames: number;
}

/** The first 12 bytes, and the `JUNK` or `ds64` chunk behind them where a place is reserved. */
export function riffHead(sizes: WavSizes, reserve: boolean, rf64: boolean): Uint8Array {
  const head = new Uint8Array(reserve ? 12 + 8 + DS64_BYTES : 12);
  const view = new DataView(head.buffer);
  head.set(Buffer.from(rf64 ? 'RF64' : 'RIFF', 'latin1'), 0);
  view.setUint32(4, rf64 ? 0xffffffff : Math.min(sizes.file - 8, 0xffffffff), true);
  head.set(Buffer.from('WAVE', 'latin1'), 8);
  if (!reserve) return head;
  head.set(Buffer.from(rf64 ? 'ds64' : 'JUNK', 'latin1'), 12);
  view.setUint32(16, DS64_BYTES, true);
  if (!rf64) return head;
  view.setBigUint64(20, BigInt(sizes.file - 8), true);
  view.setBigUint64(28, BigInt(sizes.data), true);
  view.setBigUint64(36, BigInt(sizes.frames), true);
  return head;
}
