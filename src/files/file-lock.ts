import { closeSync, constants, openSync } from 'node:fs';
import { createRequire } from 'node:module';
import { DenoiseError, OutputError } from '../errors.js';
import { toOutputError } from './output-error.js';

/** From `sys/file.h`, the same on Linux, macOS and the BSDs. */
const LOCK_EX = 2;
const LOCK_NB = 4;

/** From libuv's `uv.h`: Windows opens the file for this process alone. Node does not export it. */
const UV_FS_O_EXLOCK = 0x10000000;

/** Milliseconds between attempts; a lock is held for single milliseconds. */
const RETRY_MS = 5;

/** Something that sleeps synchronously. */
const sleeper = new Int32Array(new SharedArrayBuffer(4));

type Flock = (file: number, operation: number) => number;
let boundFlock: Flock | undefined;

/** Loaded with the first lock: it takes 70 ms. */
function flock(): Flock {
  if (boundFlock === undefined) {
    const koffi = createRequire(import.meta.url)('koffi') as typeof import('koffi').default;
    boundFlock = koffi.load(null).func('int flock(int file, int operation)') as unknown as Flock;
  }
  return boundFlock;
}

/** The file, locked; `undefined` while someone else holds it. */
function openLocked(path: string): number | undefined {
  if (process.platform === 'win32') {
    try {
      return openSync(path, constants.O_RDWR | constants.O_CREAT | UV_FS_O_EXLOCK, 0o666);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EBUSY') return undefined;
      throw error;
    }
  }
  const file = openSync(path, 'a', 0o666);
  try {
    if (flock()(file, LOCK_EX | LOCK_NB) === 0) return file;
  } catch (cause) {
    closeSync(file);
    throw new DenoiseError('E_LOCK', `Files cannot be locked on this system: ${(cause as Error).message}`, {
      hint: 'Reinstall denoise with its dependencies (npm install).',
      cause,
    });
  }
  closeSync(file);
  return undefined;
}

/**
 * A lock that one process, or one thread of one, holds at a time. The kernel keeps it (`flock`; on Windows an exclusive
 * open), so that it is free at the moment its holder ends, kill −9 included: there are no stale locks. The lock file is
 * empty and stays; removing it would let two processes lock two files of one name.
 */
export class FileLock {
  #file: number | undefined;

  /** @param path the lock file, which nothing else is kept in; created when needed */
  constructor(readonly path: string) {}

  /** @returns false while someone else holds it. @throws OutputError when the lock file cannot be opened */
  tryAcquire(): boolean {
    if (this.#file !== undefined)
      throw new DenoiseError('E_LOCKED', `${this.path} is locked by this very lock.`);
    try {
      this.#file = openLocked(this.path);
    } catch (error) {
      throw toOutputError(error, this.path);
    }
    return this.#file !== undefined;
  }

  /** Ends the hold, if there is one. */
  release(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }

  /**
   * Does `work` while holding the lock. Blocks this thread until the lock is free, so `work` is to be short wherever the
   * same lock is used.
   *
   * @param timeoutMs how long to wait, default 30 000
   * @throws OutputError `E_LOCKED` when the lock is not free in that time
   */
  run<T>(work: () => T, timeoutMs = 30_000): T {
    const end = performance.now() + timeoutMs;
    while (!this.tryAcquire()) {
      if (performance.now() >= end)
        throw new OutputError('E_LOCKED', `${this.path} is held by another process for too long.`, {
          hint: 'Look for another denoise that is stopped or hangs, and end it.',
        });
      Atomics.wait(sleeper, 0, 0, RETRY_MS);
    }
    try {
      return work();
    } finally {
      this.release();
    }
  }
}
