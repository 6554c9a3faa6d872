import { closeSync, fstatSync, fsyncSync, ftruncateSync, openSync, readSync } from 'node:fs';
import { writeError, writeFully } from './write-atomically.js';

const NEWLINE = 0x0a;
const BLOCK = 4096;

/**
 * A text file that only grows, line by line. Opening it cuts off a last line that a kill left half-written; a line that
 * cannot be written (no space) is taken back whole, so that the file always ends with a newline.
 */
export class AppendLog {
  readonly #file: number;
  #length: number;

  /** @throws OutputError when the file cannot be opened */
  constructor(readonly path: string) {
    try {
      this.#file = openSync(path, 'a+', 0o644);
    } catch (error) {
      throw writeError(error, path, 'nothing was logged');
    }
    this.#length = lengthUpToLastNewline(this.#file);
    ftruncateSync(this.#file, this.#length);
  }

  /** @param text whole lines, each with its newline. @throws OutputError `E_NO_SPACE`; the log is then as before */
  append(text: string): void {
    const bytes = Buffer.from(text);
    try {
      writeFully(this.#file, bytes);
    } catch (error) {
      ftruncateSync(this.#file, this.#length);
      throw writeError(error, this.path, 'the lines before it are intact');
    }
    this.#length += bytes.length;
  }

  /** Forces what was appended to the disk: call it with every checkpoint. */
  sync(): void {
    fsyncSync(this.#file);
  }

  close(): void {
    closeSync(this.#file);
  }
}

function lengthUpToLastNewline(file: number): number {
  const block = Buffer.alloc(BLOCK);
  for (let end = fstatSync(file).size; end > 0; ) {
    const start = Math.max(0, end - BLOCK);
    const read = readSync(file, block, 0, end - start, start);
    const newline = block.subarray(0, read).lastIndexOf(NEWLINE);
    if (newline >= 0) return start + newline + 1;
    end = start;
  }
  return 0;
}
