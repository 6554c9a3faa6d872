import { BitWriter } from './bit-writer.js';
import { crc8, crc16 } from './crc.js';
import { encodeSubframe } from './encode-subframe.js';
import { BITS, RATES } from './frame-header.js';

/** How two channels may be coded: codes of RFC 9639, section 9.1.3. */
const CODES = { 'left-side': 8, 'side-right': 9, 'mid-side': 10 } as const;

type StereoCoding = 'independent' | keyof typeof CODES;

/** Encodes frames of one stream, one after another. */
export class FrameEncoder {
  private readonly out = new BitWriter();
  private number = 0;
  private mid = new Float64Array(0);
  private side = new Float64Array(0);

  /**
   * @param sampleRate Hz
   * @param bits per sample, 4 to 32
   */
  constructor(
    private readonly sampleRate: number,
    private readonly bits: number,
  ) {}

  /**
   * Encodes the next frame.
   *
   * @param channels integers, `[channels][frames]` and more; not preserved
   * @param frames 1 to 65 536, the same in every frame but the last
   * @returns the frame, valid until the next
   */
  encode(channels: readonly Float64Array[], frames: number): Uint8Array {
    const { out, bits } = this;
    const coding = channels.length === 2 ? this.stereoCoding(channels, frames) : 'independent';
    out.clear();
    this.writeHeader(coding === 'independent' ? channels.length - 1 : CODES[coding], frames);
    const [left, right] = channels;
    if (coding === 'independent') for (const channel of channels) encodeSubframe(out, channel, frames, bits);
    else {
      const [first, second] = {
        'left-side': [left, this.side],
        'side-right': [this.side, right],
        'mid-side': [this.mid, this.side],
      }[coding];
      encodeSubframe(out, first, frames, first === this.side ? bits + 1 : bits);
      encodeSubframe(out, second, frames, second === this.side ? bits + 1 : bits);
    }
    const body = out.align();
    out.write(crc16(body, 0, body.length), 16);
    this.number++;
    return out.align();
  }

  private writeHeader(channelCode: number, frames: number): void {
    const { out } = this;
    // Code 0: what STREAMINFO says.
    const rateCode = RATES.indexOf(this.sampleRate) + 1;
    const bitsCode = Math.max(0, BITS.indexOf(this.bits));
    // Frames of one size; the size follows in 16 bits.
    out.write(0xfff8, 16);
    out.write(0x70 | rateCode, 8);
    out.write((channelCode << 4) | (bitsCode << 1), 8);
    this.writeNumber();
    out.write(frames - 1, 16);
    const head = out.align();
    out.write(crc8(head, 0, head.length), 8);
  }

  /** The number of the frame, coded as UTF-8 codes characters. */
  private writeNumber(): void {
    const { out, number } = this;
    if (number < 0x80) {
      out.write(number, 8);
      return;
    }
    let tail = 1;
    while (number >= 2 ** (5 * tail + 6)) tail++;
    const lead = (0xff << (7 - tail)) & 0xff;
    out.write(lead | Math.floor(number / 2 ** (6 * tail)), 8);
    for (let i = tail - 1; i >= 0; i--) out.write(0x80 | (Math.floor(number / 2 ** (6 * i)) % 64), 8);
  }

  /** Fills mean and difference, and guesses from second differences which pair is the cheapest. */
  private stereoCoding([left, right]: readonly Float64Array[], frames: number): StereoCoding {
    if (this.mid.length < frames) {
      this.mid = new Float64Array(frames);
      this.side = new Float64Array(frames);
    }
    const { mid, side } = this;
    for (let i = 0; i < frames; i++) {
      mid[i] = Math.floor((left[i] + right[i]) / 2);
      side[i] = left[i] - right[i];
    }
    const [l, r, m, s] = [left, right, mid, side].map((channel) => roughness(channel, frames));
    const costs: [StereoCoding, number][] = [
      ['independent', l + r],
      ['left-side', l + s],
      ['side-right', s + r],
      ['mid-side', m + s],
    ];
    return costs.reduce((best, one) => (one[1] < best[1] ? one : best))[0];
  }
}

/** Bits per sample that a channel takes, nearly: the logarithm of its mean second difference. */
function roughness(channel: Float64Array, frames: number): number {
  let sum = 0;
  for (let i = 2; i < frames; i++) sum += Math.abs(channel[i] - 2 * channel[i - 1] + channel[i - 2]);
  return Math.log2(1 + sum / frames);
}
