import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { OutputError } from '../errors.js';

/**
 * Replaces a file as a whole: written beside it, forced to the disk, then renamed over it. After a kill or a full disk
 * there is the old file or the new one, never half of either.
 * @throws OutputError `E_NO_SPACE` or `E_WRITE`; the previous file is then intact and nothing is left beside it
 */
export function writeFileAtomically(path: string, data: Uint8Array | string): void {
  const temporary = join(dirname(path), `.${basename(path)}.tmp`);
  const bytes = typeof data === 'string' ? Buffer.from(data) : data;
  try {
    const file = openSync(temporary, 'w', 0o644);
    try {
      writeFully(file, bytes);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw writeError(error, path, 'the previous version is intact');
  }
  syncFolder(dirname(path));
}

/** Writes every byte, however many calls that takes. */
export function writeFully(file: number, bytes: Uint8Array, position: number | null = null): void {
  for (let done = 0; done < bytes.length; ) {
    done += writeSync(file, bytes, done, bytes.length - done, position === null ? null : position + done);
  }
}

/** A failed write as one sentence. */
export function writeError(error: unknown, path: string, consequence: string): OutputError {
  const { code, message } = error as NodeJS.ErrnoException;
  const full = code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG';
  return new OutputError(
    full ? 'E_NO_SPACE' : 'E_WRITE',
    `Could not write ${path}: ${full ? 'no space is left' : message}; ${consequence}.`,
    { hint: full ? 'Free some space, then resume the run.' : 'Check who may write there.', cause: error },
  );
}

/** Makes a rename survive a power cut. Windows cannot open folders, and needs no such call. */
function syncFolder(path: string): void {
  if (process.platform === 'win32') return;
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } catch {
    // Some network file systems refuse fsync on a folder; the file itself is already safe.
  } finally {
    closeSync(folder);
  }
}
