import type { FileHandle } from 'node:fs/promises';

/** Bytes asked of the operating system at a time. */
const READ_SIZE = 256 * 1024;

const EMPTY = new Uint8Array(0);

/**
 * Pulls bytes from a file or any byte stream in memory that does not grow with its length. Arrays it returns are
 * views, valid until the next call.
 */
export class ByteReader {
  /** Bytes consumed so far. */
  position = 0;
  private buffer: Uint8Array = EMPTY;
  private own: Uint8Array = EMPTY;
  private start = 0;
  private end = 0;
  private ended = false;

  private constructor(
    private readonly pull: () => Promise<Uint8Array | null>,
    /** Length in bytes where it is known beforehand (regular files). */
    readonly size: number | undefined,
    private readonly seek: ((by: number) => void) | undefined,
    private readonly release: () => Promise<void>,
  ) {}

  /** Reads an open file from its start; `close()` closes it. */
  static async fromFile(file: FileHandle): Promise<ByteReader> {
    const stat = await file.stat();
    const size = stat.isFile() ? stat.size : undefined;
    const block = new Uint8Array(size === undefined ? READ_SIZE : Math.min(READ_SIZE, size + 1));
    let at = 0;
    const pull = async () => {
      const { bytesRead } = await file.read(block, 0, block.length, size === undefined ? null : at);
      at += bytesRead;
      return bytesRead === 0 ? null : block.subarray(0, bytesRead);
    };
    const seek = (by: number) => {
      at += by;
    };
    return new ByteReader(pull, size, size === undefined ? undefined : seek, () => file.close());
  }

  /** Reads a stream such as `process.stdin`; `close()` ends the iteration. */
  static fromStream(stream: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): ByteReader {
    const iterator =
      Symbol.asyncIterator in stream ? stream[Symbol.asyncIterator]() : stream[Symbol.iterator]();
    const pull = async () => {
      const next = await iterator.next();
      if (next.done) return null;
      // Never a Buffer: its slice() does not copy.
      return new Uint8Array(next.value.buffer, next.value.byteOffset, next.value.byteLength);
    };
    return new ByteReader(pull, undefined, undefined, async () => {
      await iterator.return?.();
    });
  }

  /** Bytes left where the length is known. */
  get remaining(): number | undefined {
    return this.size === undefined ? undefined : Math.max(0, this.size - this.position);
  }

  /** The next `count` bytes without consuming them; fewer only at the end. */
  async peek(count: number): Promise<Uint8Array> {
    while (this.end - this.start < count && !this.ended) {
      // The source may write its next block over the one it gave before: what is left of that is kept first.
      if (this.start < this.end) this.keep();
      const next = await this.pull();
      if (next === null) this.ended = true;
      else if (this.start === this.end) [this.buffer, this.start, this.end] = [next, 0, next.length];
      else this.append(next);
    }
    return this.buffer.subarray(this.start, Math.min(this.end, this.start + count));
  }

  /** Consumes `count` bytes; fewer only at the end. */
  async read(count: number): Promise<Uint8Array> {
    const bytes = await this.peek(count);
    this.start += bytes.length;
    this.position += bytes.length;
    return bytes;
  }

  /** Consumes whatever comes next, at most `limit` bytes; empty only at the end. */
  async readSome(limit: number): Promise<Uint8Array> {
    await this.peek(1);
    return this.read(Math.min(limit, this.end - this.start));
  }

  /**
   * Consumes whole units of `unit` bytes, as many as are at hand and `limit` allows, waiting only for the first: a live
   * pipe is taken as it comes. Less than one unit only at the end (or where `limit` is less).
   */
  async readUnits(unit: number, limit: number): Promise<Uint8Array> {
    await this.peek(Math.min(unit, limit));
    const ready = Math.min(limit, this.end - this.start);
    return this.read(ready >= unit ? ready - (ready % unit) : ready);
  }

  /** Consumes and drops `count` bytes; returns how many there were. */
  async skip(count: number): Promise<number> {
    const from = this.position;
    const buffered = Math.min(count, this.end - this.start);
    this.start += buffered;
    this.position += buffered;
    let left = count - buffered;
    if (this.seek !== undefined && left > READ_SIZE) {
      const by = Math.min(left, this.remaining ?? 0);
      this.seek(by);
      this.position += by;
      return this.position - from;
    }
    while (left > 0) {
      const dropped = (await this.readSome(left)).length;
      if (dropped === 0) break;
      left -= dropped;
    }
    return this.position - from;
  }

  async close(): Promise<void> {
    this.ended = true;
    this.start = this.end;
    await this.release();
  }

  /** Moves what is buffered into memory of our own, unless it is there. */
  private keep(): void {
    if (this.buffer === this.own) return;
    const kept = this.end - this.start;
    if (this.own.length < kept) this.own = new Uint8Array(2 * kept);
    this.own.set(this.buffer.subarray(this.start, this.end));
    [this.buffer, this.start, this.end] = [this.own, 0, kept];
  }

  /** Adds `next` behind what is kept; room doubles, so that a stream of single bytes costs no more than its length. */
  private append(next: Uint8Array): void {
    const kept = this.end - this.start;
    if (this.end + next.length > this.own.length) {
      const room =
        kept + next.length <= this.own.length / 2 ? this.own : new Uint8Array(2 * (kept + next.length));
      room.set(this.own.subarray(this.start, this.end));
      this.own = room;
      [this.buffer, this.start, this.end] = [room, 0, kept];
    }
    this.own.set(next, this.end);
    this.end += next.length;
  }
}
