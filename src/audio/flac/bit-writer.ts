/** Writes bits, the highest of each byte first, into memory that grows as needed. */
export class BitWriter {
  private bytes = new Uint8Array(1 << 15);
  private length = 0;
  /** Bits not written out yet, at the low end: fewer than 8. */
  private rest = 0;
  private restBits = 0;

  /** Starts over. */
  clear(): void {
    this.length = 0;
    this.rest = 0;
    this.restBits = 0;
  }

  /** Writes the low `count` bits of an integer, negative ones in two's complement. @param count 0 to 33 */
  write(value: number, count: number): void {
    if (count > 16) {
      this.write(Math.floor(value / 0x10000), count - 16);
      this.write(value % 0x10000, 16);
      return;
    }
    this.writeShort(value & ((1 << count) - 1), count);
  }

  /** Writes `zeros` zeros and a one. */
  writeUnary(zeros: number): void {
    let left = zeros;
    for (; left >= 16; left -= 16) this.write(0, 16);
    this.write(1, left + 1);
  }

  /** Writes Rice codes of what stands in `values` from `from` to `to`. @param k 0 to 30 */
  writeRice(values: Float64Array, from: number, to: number, k: number): void {
    const mask = (1 << k) - 1;
    for (let i = from; i < to; i++) {
      const value = values[i];
      // Above 2³⁰ the operators for bits would take it for negative.
      if (k > 16 || value >= 2 ** 29 || value <= -(2 ** 29)) {
        const folded = value >= 0 ? 2 * value : -2 * value - 1;
        const quotient = Math.floor(folded / 2 ** k);
        this.writeUnary(quotient);
        this.write(folded - quotient * 2 ** k, k);
        continue;
      }
      const folded = (value << 1) ^ (value >> 31);
      const quotient = folded >> k;
      const length = quotient + 1 + k;
      if (length <= 16) this.writeShort((1 << k) | (folded & mask), length);
      else {
        this.writeUnary(quotient);
        this.writeShort(folded & mask, k);
      }
    }
  }

  /** Writes the low `count` bits, of which there are no others. @param count 0 to 16 */
  private writeShort(value: number, count: number): void {
    let { rest, restBits, length } = this;
    if (length + 4 > this.bytes.length) this.grow();
    const { bytes } = this;
    rest = (rest << count) | value;
    restBits += count;
    while (restBits >= 8) {
      restBits -= 8;
      bytes[length++] = rest >> restBits;
    }
    this.rest = rest & ((1 << restBits) - 1);
    this.restBits = restBits;
    this.length = length;
  }

  /** Fills the last byte with zeros. @returns the bytes so far, valid until more is written */
  align(): Uint8Array {
    if (this.restBits > 0) this.write(0, 8 - this.restBits);
    return this.bytes.subarray(0, this.length);
  }

  private grow(): void {
    const larger = new Uint8Array(2 * this.bytes.length);
    larger.set(this.bytes);
    this.bytes = larger;
  }
}
