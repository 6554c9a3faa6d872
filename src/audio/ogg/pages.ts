import type { ByteReader } from '../byte-reader.js';
import { pageChecksum } from './crc.js';

/** A page of an Ogg stream (RFC 3533, section 6). */
export interface OggPage {
  /** Which of the streams in the file it belongs to. */
  serial: number;
  sequence: number;
  /** What its codec counts, at the end of the last packet that ends here; −1: none does. */
  granule: number;
  /** Whether the first segment goes on with the packet of the page before. */
  continued: boolean;
  first: boolean;
  last: boolean;
  /** Pieces of packets; all but the last end theirs. */
  pieces: Uint8Array[];
  /** Whether the packet of the last piece goes on in the next page. */
  open: boolean;
}

const HEAD = 27;
const CAPTURE = Buffer.from('OggS', 'latin1');

/** The longest page: head, 255 lengths, 255 segments of 255 bytes. */
const LONGEST = HEAD + 255 + 255 * 255;

/**
 * The pages of a file in order. Bytes that are no page with the right checksum are passed over.
 *
 * @param onSkipped told how many
 */
export async function* oggPages(
  bytes: ByteReader,
  onSkipped: (count: number) => void = () => {},
): AsyncGenerator<OggPage> {
  for (;;) {
    const ahead = await bytes.peek(LONGEST);
    if (ahead.length === 0) return;
    const page = parsePage(ahead);
    if (page !== undefined) {
      await bytes.skip(page.length);
      yield page.page;
      continue;
    }
    const next = Buffer.from(ahead.buffer, ahead.byteOffset, ahead.byteLength).indexOf(CAPTURE, 1);
    const skip = next > 0 ? next : ahead.length < LONGEST ? ahead.length : ahead.length - 3;
    await bytes.skip(skip);
    onSkipped(skip);
  }
}

function parsePage(ahead: Uint8Array): { page: OggPage; length: number } | undefined {
  const view = Buffer.from(ahead.buffer, ahead.byteOffset, ahead.byteLength);
  if (view.length < HEAD || view.compare(CAPTURE, 0, 4, 0, 4) !== 0 || view[4] !== 0) return undefined;
  const segments = view[26];
  const lengths = view.subarray(HEAD, HEAD + segments);
  const length = HEAD + segments + lengths.reduce((sum, size) => sum + size, 0);
  if (length > view.length || pageChecksum(view.subarray(0, length)) !== view.readUInt32LE(22))
    return undefined;
  const pieces: Uint8Array[] = [];
  let at = HEAD + segments;
  let size = 0;
  for (const segment of lengths) {
    size += segment;
    if (segment === 255) continue;
    pieces.push(new Uint8Array(view.subarray(at, at + size)));
    at += size;
    size = 0;
  }
  const open = segments > 0 && lengths[segments - 1] === 255;
  if (open) pieces.push(new Uint8Array(view.subarray(at, at + size)));
  const page: OggPage = {
    serial: view.readUInt32LE(14),
    sequence: view.readUInt32LE(18),
    granule: Number(view.readBigInt64LE(6)),
    continued: (view[5] & 1) !== 0,
    first: (view[5] & 2) !== 0,
    last: (view[5] & 4) !== 0,
    pieces,
    open,
  };
  return { page, length };
}
