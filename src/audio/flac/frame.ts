import { BitReader, BrokenFrame, CutFrame, PADDING } from './bit-reader.js';
import { crc16 } from './crc.js';
import type { FrameHeader } from './frame-header.js';
import { decodeSubframe } from './subframe.js';

const CRC_BYTES = 2;

/** Decodes frames, one after another, into memory that is used again. */
export class FrameDecoder {
  /** The last frame, one array per channel, at least `blockSize` integers each; valid until the next. */
  readonly channels: Float64Array[] = [];
  private bytes = new Uint8Array(0);
  private readonly bits = new BitReader(this.bytes, 0);

  /** Bytes that a frame can take: twice what it takes uncompressed, as encoders are not obliged to do better. */
  static longest({ blockSize, channels, length }: FrameHeader, bits: number): number {
    return length + CRC_BYTES + 2 * channels * (8 + Math.ceil((blockSize * (bits + 1)) / 8));
  }

  /**
   * Decodes the frame that starts with `header`.
   *
   * @param data from the first byte of the header on; more than the frame.
   * @param bits per sample.
   * @returns bytes of the frame.
   * @throws CutFrame where the frame does not end within `data`, BrokenFrame where it is damaged.
   */
  decode(data: Uint8Array, header: FrameHeader, bits: number): number {
    if (this.bytes.length < data.length + PADDING) this.bytes = new Uint8Array(2 * data.length + PADDING);
    this.bytes.set(data);
    this.bytes.fill(0, data.length, data.length + PADDING);
    const { blockSize, channels, coding } = header;
    const reader = this.bits;
    reader.reset(this.bytes, 8 * header.length, 8 * data.length);
    for (let c = 0; c < channels; c++) {
      if ((this.channels[c]?.length ?? 0) < blockSize) this.channels[c] = new Float64Array(blockSize);
      const side = (coding === 'side-right' && c === 0) || (coding.endsWith('side') && c === 1);
      decodeSubframe(reader, this.channels[c], blockSize, side ? bits + 1 : bits);
    }
    const end = Math.ceil(reader.at / 8);
    if (end + CRC_BYTES > data.length) throw new CutFrame();
    if (crc16(data, 0, end) !== ((data[end] << 8) | data[end + 1])) throw new BrokenFrame();
    this.decorrelate(header);
    return end + CRC_BYTES;
  }

  /** Left and right out of what was coded (RFC 9639, section 4.2). */
  private decorrelate({ coding, blockSize }: FrameHeader): void {
    const [first, second] = this.channels;
    if (coding === 'left-side') for (let i = 0; i < blockSize; i++) second[i] = first[i] - second[i];
    else if (coding === 'side-right') for (let i = 0; i < blockSize; i++) first[i] += second[i];
    else if (coding === 'mid-side') {
      for (let i = 0; i < blockSize; i++) {
        // The mean lost its last bit, which is that of the difference. Remainders of doubles are slow.
        const half = Math.floor(second[i] / 2);
        const mean = first[i];
        first[i] = mean + second[i] - half;
        second[i] = mean - half;
      }
    }
  }
}
