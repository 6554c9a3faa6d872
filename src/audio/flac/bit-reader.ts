/** The bytes hold no such frame. */
export class BrokenFrame extends Error {}

/** The frame goes on behind the bytes at hand. */
export class CutFrame extends BrokenFrame {}

/** Zero bytes that must stand behind the last byte of data: reads go up to eight bytes past it. */
export const PADDING = 16;

/** Reads bits, the highest of each byte first, and Rice codes. Positions are in bits. */
export class BitReader {
  at = 0;

  /**
   * @param bytes with {@link PADDING} zero bytes behind the data.
   * @param end where the data ends, in bits.
   */
  constructor(
    private bytes: Uint8Array,
    private end: number,
  ) {}

  /** Starts over on other bytes. */
  reset(bytes: Uint8Array, at: number, end: number): void {
    this.bytes = bytes;
    this.at = at;
    this.end = end;
  }

  /** An unsigned number. @param count bits, 0 to 33 */
  read(count: number): number {
    if (count > 16) {
      const high = this.read(count - 16);
      return high * 0x10000 + this.read(16);
    }
    if (count === 0) return 0;
    const word = this.window(this.at) >>> (32 - count);
    this.at += count;
    this.check();
    return word;
  }

  /** A number in two's complement. @param count bits, 1 to 33 */
  readSigned(count: number): number {
    const value = this.read(count);
    return value >= 2 ** (count - 1) ? value - 2 ** count : value;
  }

  /** The number of zeros before the next one; the one is consumed. */
  readUnary(): number {
    for (let zeros = 0; ; ) {
      const leading = Math.clz32(this.window(this.at));
      if (leading < 25) {
        this.at += leading + 1;
        this.check();
        return zeros + leading;
      }
      // 25 bits of a window are valid wherever in a byte it starts.
      zeros += 25;
      this.at += 25;
      this.check();
    }
  }

  /** Fills `out` from `from` to `to` with Rice codes of parameter `k`, 0 to 30 (RFC 9639, section 9.2.7.2). */
  readRice(out: Float64Array, from: number, to: number, k: number): void {
    const { bytes } = this;
    let { at } = this;
    for (let i = from; i < to; i++) {
      const byte = at >>> 3;
      const word =
        ((bytes[byte] << 24) | (bytes[byte + 1] << 16) | (bytes[byte + 2] << 8) | bytes[byte + 3]) <<
        (at & 7);
      const quotient = Math.clz32(word);
      if (quotient + k < 25) {
        const folded = (quotient << k) | ((((word << quotient) << 1) >>> 1) >>> (31 - k));
        out[i] = (folded >>> 1) ^ -(folded & 1);
        at += quotient + 1 + k;
      } else {
        this.at = at;
        const folded = this.readUnary() * 2 ** k + this.read(k);
        out[i] = folded % 2 === 0 ? folded / 2 : -(folded + 1) / 2;
        at = this.at;
      }
    }
    this.at = at;
    this.check();
  }

  private window(at: number): number {
    const { bytes } = this;
    const byte = at >>> 3;
    return (
      ((bytes[byte] << 24) | (bytes[byte + 1] << 16) | (bytes[byte + 2] << 8) | bytes[byte + 3]) << (at & 7)
    );
  }

  private check(): void {
    if (this.at > this.end) throw new CutFrame();
  }
}
