import type { ByteReader } from '../byte-reader.js';

/** A chunk of a RIFF file kept as it is. */
export interface WavChunk {
  /** Four characters, Latin-1. */
  id: string;
  data: Uint8Array;
}

/** What surrounds the samples of a WAV file, so that a writer can put it around others. */
export interface WavMetadata {
  /** The `fmt ` chunk as it was: channel mask, valid bits and GUID included. */
  fmt: Uint8Array;
  /** Chunks between the head and the samples, in order. */
  before: WavChunk[];
  /** Chunks behind the samples, in order; known once the samples have been read. */
  after: WavChunk[];
}

/** Chunks kept, at most. */
export const CHUNK_LIMIT = 4096;

/**
 * Chunks that say something about the bytes rather than the recording, and would be wrong around other samples:
 * sizes, padding, peak levels, checksums, and the per-block time stamps of KiwiSDR recordings.
 */
const DERIVED = new Set([
  'ds64',
  'fact',
  'JUNK',
  'junk',
  'PAD ',
  'FLLR',
  'Fake',
  'PEAK',
  'levl',
  'MD5 ',
  'kiwi',
  'data',
]);

/** Whether a chunk still holds once the samples are other ones. @param id four characters */
export function isKept(id: string): boolean {
  return !DERIVED.has(id);
}

/** Whether four bytes can be a chunk identifier: printable ASCII, as RIFF demands. */
export function isChunkId(bytes: Uint8Array): boolean {
  if (bytes.length < 4) return false;
  for (let i = 0; i < 4; i++) if (bytes[i] < 0x20 || bytes[i] > 0x7e) return false;
  return true;
}

/** The identifier that the first four of `bytes` are. */
export function chunkId(bytes: Uint8Array): string {
  return String.fromCharCode(bytes[0], bytes[1], bytes[2], bytes[3]);
}

/** Consumes the pad byte behind a chunk of odd length, unless its writer forgot it. */
export async function skipPad(bytes: ByteReader, size: number): Promise<void> {
  if (size % 2 === 0) return;
  const next = await bytes.peek(5);
  const forgotten =
    next.length >= 4 &&
    next[0] !== 0 &&
    isChunkId(next) &&
    !(next.length === 5 && isChunkId(next.subarray(1)));
  if (!forgotten) await bytes.skip(1);
}
