import type { ByteReader } from '../byte-reader.js';
import { type OggPage, oggPages } from './pages.js';

/** A packet of one logical stream. */
export interface OggPacket {
  data: Uint8Array;
  /** The granule position, on the last packet that ends on a page. */
  granule: number | undefined;
  /** Whether packets before it are missing. */
  afterLoss: boolean;
  /** Whether it starts a stream: the first of the file, or of one chained behind it. */
  first: boolean;
  /** Whether it ends its stream. */
  last: boolean;
}

/** No packet of audio is near as long; headers with pictures may be. */
const LONGEST_PACKET = 2 ** 25;

/**
 * The packets of the first logical stream that `wanted` takes by its first packet, and of those of that kind that are
 * chained behind it; other streams beside it, such as video, are passed over.
 */
export async function* oggPackets(
  bytes: ByteReader,
  wanted: (firstPacket: Uint8Array) => boolean,
): AsyncGenerator<OggPacket> {
  let serial: number | undefined;
  let expected: number | undefined;
  let damaged = false;
  let pending: Uint8Array[] = [];
  let pendingBytes = 0;
  let lossAhead = false;
  const skipped = () => {
    damaged = true;
  };
  for await (const page of oggPages(bytes, skipped)) {
    if (page.first && serial === undefined && page.pieces.length > 0 && wanted(page.pieces[0])) {
      serial = page.serial;
      expected = page.sequence;
    }
    if (page.serial !== serial) continue;
    const gap = page.sequence !== expected || (damaged && pending.length > 0 && !page.continued);
    lossAhead ||= gap;
    damaged = false;
    expected = (page.sequence + 1) % 2 ** 32;
    if (gap || !page.continued) {
      pending = [];
      pendingBytes = 0;
    }
    // The end of a packet whose start is lost.
    const headless = page.continued && pending.length === 0;
    for (const [i, piece] of page.pieces.entries()) {
      const ends = i < page.pieces.length - 1 || !page.open;
      if (i === 0 && headless) {
        lossAhead = true;
        continue;
      }
      pendingBytes += piece.length;
      if (pendingBytes > LONGEST_PACKET) lossAhead = true;
      else pending.push(piece);
      if (!ends) continue;
      const data = pending.length === 1 ? pending[0] : Buffer.concat(pending);
      if (pendingBytes <= LONGEST_PACKET) {
        const final = i === lastEnding(page);
        yield {
          data,
          granule: final && page.granule >= 0 ? page.granule : undefined,
          afterLoss: lossAhead,
          first: page.first && i === 0,
          last: page.last && final,
        };
        lossAhead = false;
      }
      pending = [];
      pendingBytes = 0;
    }
    if (page.last) serial = undefined;
  }
}

function lastEnding(page: OggPage): number {
  return page.open ? page.pieces.length - 2 : page.pieces.length - 1;
}
