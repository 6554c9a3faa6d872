import { createHash } from 'node:crypto';

/** The MD5 of samples as FLAC defines it: interleaved, signed, little-endian, whole bytes (RFC 9639, section 8.2). */
export class SampleDigest {
  private readonly hash = createHash('md5');
  private bytes = new Uint8Array(0);

  /** @param size bytes of a sample, 1 to 4 */
  constructor(private readonly size: number) {}

  /** Adds the first `frames` integers of each of the first `count` channels. */
  add(channels: readonly Float64Array[], count: number, frames: number): void {
    const { size } = this;
    const length = frames * count * size;
    if (this.bytes.length < length) this.bytes = new Uint8Array(length);
    const { bytes } = this;
    const step = count * size;
    for (let c = 0; c < count; c++) {
      const channel = channels[c];
      for (let i = 0, at = c * size; i < frames; i++, at += step) {
        const code = channel[i] | 0;
        bytes[at] = code;
        if (size > 1) bytes[at + 1] = code >> 8;
        if (size > 2) bytes[at + 2] = code >> 16;
        if (size > 3) bytes[at + 3] = code >> 24;
      }
    }
    this.hash.update(bytes.subarray(0, length));
  }

  /** The digest; nothing may be added afterwards. */
  digest(): Buffer {
    return this.hash.digest();
  }
}
