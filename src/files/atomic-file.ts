import { unlinkSync } from 'node:fs';
import { type FileHandle, open, realpath, rename, stat, unlink } from 'node:fs/promises';
import { OutputError } from '../errors.js';
import { type ByteTarget, fileTarget } from './byte-target.js';
import { toOutputError } from './output-error.js';
import { removeLeftBehind, temporaryName } from './temporary-name.js';

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
 * A file that appears under its name only when it is complete: written under a temporary name in the same folder, then
 * renamed over. Devices and named pipes (`/dev/null`) are written directly. `process.exit` removes what is unfinished;
 * a program that handles SIGINT by exiting thereby leaves nothing behind. What kill −9 leaves behind is removed when the
 * same file is written the next time.
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
    const target = fileTarget(file);
    this.target = temporary === undefined ? deviceTarget(file) : target;
    if (temporary !== undefined) {
      if (unfinished.size === 0) process.once('exit', removeUnfinished);
      unfinished.add(temporary);
    }
  }

  /**
   * @param path final name; a symbolic link is followed
   * @param inputs paths that must not be overwritten
   * @throws OutputError `E_SAME_FILE` where `path` is one of `inputs` under whatever name, `E_IS_FOLDER`,
   *   `E_NO_FOLDER`, `E_PERMISSION`, `E_NO_SPACE`
   */
  static async create(path: string, inputs: readonly string[] = []): Promise<AtomicFile> {
    try {
      for (const input of inputs) await refuseSameFile(path, input);
      const existing = await stat(path).catch(ignoreAbsent);
      if (existing?.isDirectory()) throw Object.assign(new Error('is a folder'), { code: 'EISDIR' });
      if (existing !== undefined && !existing.isFile())
        return new AtomicFile(path, await open(path, 'w'), undefined);
      const final = existing === undefined ? path : await realpath(path);
      const temporary = temporaryName(final);
      await removeLeftBehind(final);
      const mode = existing === undefined ? 0o666 : existing.mode & 0o777;
      return new AtomicFile(final, await open(temporary, 'wx', mode), temporary);
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
        await rename(this.temporary, this.path);
        this.forget();
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

/** A device or named pipe takes bytes in order and has no position. */
function deviceTarget(file: FileHandle): ByteTarget {
  return {
    async write(bytes) {
      for (let done = 0; done < bytes.length; ) {
        done += (await file.write(bytes, done, bytes.length - done, null)).bytesWritten;
      }
    },
  };
}

/** @throws OutputError `E_SAME_FILE` where both paths are one file: by name, link or hard link */
async function refuseSameFile(output: string, input: string): Promise<void> {
  const [a, b] = await Promise.all(
    [output, input].map((path) => stat(path, { bigint: true }).catch(ignoreAbsent)),
  );
  if (a === undefined || b === undefined || !a.isFile()) return;
  if (a.ino !== b.ino || a.dev !== b.dev) return;
  throw new OutputError('E_SAME_FILE', `Cannot write ${output}: it is the input itself.`, {
    hint: 'Give another name with -o.',
  });
}

function ignoreAbsent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT' && error.code !== 'ENOTDIR') throw error;
  return undefined;
}
