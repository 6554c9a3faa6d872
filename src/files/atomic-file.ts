import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  unlinkSync,
} from 'node:fs';
import { type FileHandle, open, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { OutputError } from '../errors.js';
import { type ByteTarget, deviceTarget, fileTarget } from './byte-target.js';
import { fileIdentity } from './file-identity.js';
import { toOutputError } from './output-error.js';
import { followLinks, removeLeftBehind, temporaryName } from './temporary-name.js';
import { writeFully } from './write-fully.js';

/** Temporary files to remove should the process exit before they are committed. */
const unfinished = new Set<string>();

function removeUnfinished(): void {
  for (const path of unfinished) {
    try {
      unlinkSync(path);
    } catch {
      // Gone already: nothing left to clean.
    }
  }
}

/**
 * A file that appears under its name only when it is complete: written under a temporary name in the same folder, forced
 * to the disk, then renamed. After a kill, a power cut or a full disk there is the old file or the new one. Devices and
 * named pipes (`/dev/null`) are written directly. `process.exit` removes what is unfinished; what kill −9 leaves behind is
 * removed when the same file is written the next time.
 */
export class AtomicFile {
  readonly target: ByteTarget;
  private open = true;

  private constructor(
    /** The name it will have. */
    readonly path: string,
    private readonly file: FileHandle,
    private readonly temporary: string | undefined,
  ) {
    this.target = temporary === undefined ? deviceTarget(file) : fileTarget(file);
    if (temporary !== undefined) {
      if (unfinished.size === 0) process.once('exit', removeUnfinished);
      unfinished.add(temporary);
    }
  }

  /** Where it stands until then: for another program that writes it. Devices have no other place. */
  get workingPath(): string {
    return this.temporary ?? this.path;
  }

  /**
   * @param path final name; symbolic links are followed
   * @param inputs paths that must not be overwritten
   * @throws OutputError `E_SAME_FILE` where `path` is one of `inputs` under whatever name, `E_IS_FOLDER`,
   *   `E_NO_FOLDER`, `E_PERMISSION`, `E_NO_SPACE`
   */
  static async create(path: string, inputs: readonly string[] = []): Promise<AtomicFile> {
    try {
      for (const input of inputs) await refuseSameFile(path, input);
      const { final, existing } = lookUp(path);
      if (existing !== undefined && !existing.isFile())
        return new AtomicFile(path, await open(path, 'w'), undefined);
      const temporary = temporaryName(final);
      removeLeftBehind(final);
      return new AtomicFile(final, await open(temporary, 'wx', modeLike(existing)), temporary);
    } catch (error) {
      throw toOutputError(error, path);
    }
  }

  /** Puts the file in its place, whole and on the disk. @throws OutputError; the temporary file is then removed */
  async commit(): Promise<void> {
    if (!this.open) return;
    try {
      if (this.temporary !== undefined) {
        await this.file.sync();
        await this.close();
        renameSync(this.temporary, this.path);
        this.forget();
        syncFolder(dirname(this.path));
      } else await this.close();
    } catch (error) {
      await this.remove();
      throw toOutputError(error, this.path);
    }
  }

  /** Drops what was written; the file of that name, if there was one, is as before. Never throws. */
  async abort(): Promise<void> {
    if (this.open) await this.remove();
  }

  private async close(): Promise<void> {
    if (!this.open) return;
    this.open = false;
    await this.file.close();
  }

  private async remove(): Promise<void> {
    await this.close().catch(() => {});
    if (this.temporary === undefined) return;
    await unlink(this.temporary).catch(() => {});
    this.forget();
  }

  private forget(): void {
    unfinished.delete(this.temporary as string);
    if (unfinished.size === 0) process.removeListener('exit', removeUnfinished);
  }
}

/**
 * As {@link AtomicFile}, in one call that blocks: for what is at hand as a whole.
 *
 * @throws OutputError; the file of that name, if there was one, is then as before, and nothing is left beside it
 */
export function writeFileAtomically(path: string, data: Uint8Array | string): void {
  let temporary: string | undefined;
  let isReplacement = false;
  try {
    const { final, existing } = lookUp(path);
    isReplacement = existing !== undefined;
    removeLeftBehind(final);
    temporary = temporaryName(final);
    const file = openSync(temporary, 'wx', modeLike(existing));
    try {
      writeFully(file, typeof data === 'string' ? Buffer.from(data) : data);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, final);
    syncFolder(dirname(final));
  } catch (error) {
    if (temporary !== undefined) rmSync(temporary, { force: true });
    throw toOutputError(error, path, isReplacement ? 'the previous version is intact' : undefined);
  }
}

/** Creates a folder and those above it, on the disk. @throws OutputError */
export function makeFolder(path: string): void {
  try {
    if (mkdirSync(path, { recursive: true }) !== undefined) syncFolder(dirname(path));
  } catch (error) {
    throw toOutputError(error, path);
  }
}

/** Where the path leads, and what is there. */
function lookUp(path: string): { final: string; existing: Stats | undefined } {
  const final = followLinks(path);
  const existing = statSync(final, { throwIfNoEntry: false });
  if (existing?.isDirectory()) throw Object.assign(new Error('is a folder'), { code: 'EISDIR' });
  return { final, existing };
}

const modeLike = (existing: Stats | undefined): number =>
  existing === undefined ? 0o666 : existing.mode & 0o777;

/** @throws OutputError `E_SAME_FILE` where both paths are one file: by name, link or hard link */
async function refuseSameFile(output: string, input: string): Promise<void> {
  const [a, b] = await Promise.all([fileIdentity(output), fileIdentity(input)]);
  if (a === undefined || a !== b) return;
  throw new OutputError('E_SAME_FILE', `Cannot write ${output}: it is the input itself.`, {
    hint: 'Give another name with -o.',
  });
}

/** Makes a rename survive a power cut. Windows cannot open folders, and needs no such call. */
function syncFolder(path: string): void {
  if (process.platform === 'win32') return;
  try {
    const folder = openSync(path, 'r');
    try {
      fsyncSync(folder);
    } finally {
      closeSync(folder);
    }
  } catch {
    // A folder that may be written but not read, or a network file system that refuses: the file itself is safe.
  }
}
