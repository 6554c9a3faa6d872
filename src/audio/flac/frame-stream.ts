import type { ByteReader } from '../byte-reader.js';
import { BrokenFrame } from './bit-reader.js';
import { FrameDecoder } from './frame.js';
import { type FrameHeader, isFrameSync, LONGEST_HEADER, parseFrameHeader } from './frame-header.js';

/** Bytes looked through at a time for the start of a frame: some frames of music. */
const SEARCH_BYTES = 32 * 1024;

/** What was found on the way to a frame, or to the end. */
export interface Found {
  /** The header of a whole frame, decoded into `channels`; `undefined` at the end of the stream. */
  header: FrameHeader | undefined;
  /** Bytes before it that were no frame. */
  skipped: number;
  /** The first of those, 8 at most. */
  skippedStart: Uint8Array;
  /** Headers among them: frames that are damaged or cut off behind their header. */
  broken: FrameHeader[];
}

/** The frames of a stream of bytes, in order; what is no frame with the right checksums is passed over. */
export class FrameStream {
  private readonly decoder = new FrameDecoder();

  /** @param bits per sample, where a frame does not say. */
  constructor(
    private readonly bytes: ByteReader,
    private readonly bits: number,
  ) {}

  /** The samples of the frame found last, as integers; longer than the frame may be. Valid until the next. */
  get channels(): readonly Float64Array[] {
    return this.decoder.channels;
  }

  /** Bits per sample of a frame. */
  bitsOf(header: FrameHeader): number {
    return header.bits ?? this.bits;
  }

  /** Decodes the next frame. */
  async next(): Promise<Found> {
    const found: Found = { header: undefined, skipped: 0, skippedStart: new Uint8Array(0), broken: [] };
    for (;;) {
      const ahead = await this.bytes.peek(SEARCH_BYTES);
      if (ahead.length === 0) break;
      const at = findHeader(ahead, ahead.length < SEARCH_BYTES);
      if (at > 0) {
        await this.pass(found, at);
        continue;
      }
      const header = parseFrameHeader(ahead, 0) as FrameHeader;
      const data = await this.bytes.peek(FrameDecoder.longest(header, this.bitsOf(header)));
      try {
        const length = this.decoder.decode(data, header, this.bitsOf(header));
        await this.bytes.skip(length);
        return { ...found, header };
      } catch (error) {
        if (!(error instanceof BrokenFrame)) throw error;
        if (found.broken.length < 1000) found.broken.push(header);
        await this.pass(found, 1);
      }
    }
    return found;
  }

  private async pass(found: Found, count: number): Promise<void> {
    const passed = await this.bytes.read(count);
    if (found.skipped === 0) found.skippedStart = passed.slice(0, 8);
    found.skipped += count;
  }
}

/** Where in `bytes` a frame may start; otherwise how many bytes surely belong to none. */
function findHeader(bytes: Uint8Array, ended: boolean): number {
  const searched = ended ? bytes.length : bytes.length - LONGEST_HEADER;
  for (let at = 0; at < searched; at++) {
    at = bytes.indexOf(0xff, at);
    if (at < 0 || at >= searched) return searched;
    if (isFrameSync(bytes, at) && parseFrameHeader(bytes, at) !== undefined) return at;
  }
  return searched;
}
