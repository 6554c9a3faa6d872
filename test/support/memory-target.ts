import { expect } from 'vitest';
import type { ByteTarget } from '../../src/files/byte-target.js';

/** A file in memory. */
export class MemoryTarget implements ByteTarget {
  bytes = Buffer.alloc(0);

  async write(bytes: Uint8Array): Promise<void> {
    this.bytes = Buffer.concat([this.bytes, bytes]);
  }

  async patch(position: number, bytes: Uint8Array): Promise<void> {
    expect(position + bytes.length).toBeLessThanOrEqual(this.bytes.length);
    this.bytes.set(bytes, position);
  }
}
