import { closeSync, fstatSync, fsyncSync, ftruncateSync, openSync, readSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { InputError, toDenoiseError } from '../errors.js';
import { FileLock } from './file-lock.js';
import { toOutputError } from './output-error.js';
import { writeFully } from './write-fully.js';

const NEWLINE = 0x0a;
/** Bytes looked at in one step backwards for the last newline. */
const BLOCK = 4096;

export interface AppendOptions {
  /** Waits until the lines are on the disk and survive a power cut; without it they survive only kill −9. Default true. */
  durable?: boolean;
}

/** Lines of a log, and where to go on reading. */
export interface LogLines {
  /** Without their newlines. */
  lines: string[];
  /** Offset in bytes behind the last of them. */
  end: number;
}

/**
 * A text file that only grows, line by line. Any number of processes and threads may append to it and read it at the same
 * time. A line that a kill left half-written is seen by no reader, and cut off before the next append; a line that cannot
 * be written (no space) is taken back whole. A hidden lock file lies beside the log.
 */
export class AppendLog {
  readonly #file: number;
  readonly #lock: FileLock;

  /** Opens the log, or begins it. @throws OutputError when it cannot be opened */
  constructor(readonly path: string) {
    try {
      this.#file = openSync(path, 'a+', 0o644);
    } catch (error) {
      throw toOutputError(error, path, 'nothing was logged');
    }
    this.#lock = new FileLock(join(dirname(path), `.${basename(path)}.lock`));
  }

  /**
   * Appends lines: all of them, or none.
   *
   * @param text whole lines, each with its newline
   * @returns the offset behind them
   * @throws OutputError `E_NO_SPACE` and its like; the log is then as before. `E_LOCKED` after 30 s
   */
  append(text: string, { durable = true }: AppendOptions = {}): number {
    if (!text.endsWith('\n') && text !== '') throw new RangeError('A line of a log ends with a newline.');
    const bytes = Buffer.from(text);
    return this.#lock.run(() => {
      const start = lengthUpToLastNewline(this.#file);
      if (start < fstatSync(this.#file).size) ftruncateSync(this.#file, start);
      try {
        writeFully(this.#file, bytes);
        if (durable) this.sync();
      } catch (error) {
        ftruncateSync(this.#file, start);
        throw toOutputError(error, this.path, 'the lines before it are intact');
      }
      return start + bytes.length;
    });
  }

  /** As {@link readLog}, of this log; never sees a part of what one call appended, unless a kill left just that. */
  read(from = 0): LogLines {
    return this.#lock.run(() => readLines(this.#file, this.path, from));
  }

  /** Forces what was appended to the disk. */
  sync(): void {
    fsyncSync(this.#file);
  }

  close(): void {
    closeSync(this.#file);
  }
}

/**
 * Reads whole lines of a log without opening it for writing; it may grow meanwhile.
 *
 * @param from offset in bytes: 0, or the `end` of an earlier reading
 * @throws InputError `E_NOT_FOUND` and its like; `E_LOG_REPLACED` when the file is shorter than `from`
 */
export function readLog(path: string, from = 0): LogLines {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (error) {
    throw toDenoiseError(error, `Cannot read ${path}`);
  }
  try {
    return readLines(file, path, from);
  } finally {
    closeSync(file);
  }
}

function readLines(file: number, path: string, from: number): LogLines {
  const { size } = fstatSync(file);
  if (size < from)
    throw new InputError('E_LOG_REPLACED', `${path} is shorter than what was read of it before.`, {
      hint: 'It was replaced: read it again from its beginning.',
    });
  const bytes = Buffer.allocUnsafe(size - from);
  let length = 0;
  while (length < bytes.length) {
    const read = readSync(file, bytes, length, bytes.length - length, from + length);
    if (read === 0) break;
    length += read;
  }
  const whole = bytes.subarray(0, length).lastIndexOf(NEWLINE) + 1;
  const text = bytes.toString('utf8', 0, whole);
  return { lines: text === '' ? [] : text.slice(0, -1).split('\n'), end: from + whole };
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
