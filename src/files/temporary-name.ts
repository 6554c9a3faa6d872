import { createHash, randomBytes } from 'node:crypto';
import { lstatSync, readdirSync, readlinkSync, realpathSync, statSync, unlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';

/** Tells machines and containers that share a folder apart: a process number means nothing on another one. */
const HOST = createHash('sha256').update(hostname()).digest('hex').slice(0, 4);

/** Longest name that leaves room, within the 255 bytes of a file system, for what is put around it. */
const MOST_STEM_BYTES = 220;
const MOST_LINKS = 40;

/** `.talk.wav.`, what the temporary names of a file begin with; the middle of a long name is its hash. */
function stemOf(path: string): string {
  const name = basename(path);
  if (Buffer.byteLength(name) <= MOST_STEM_BYTES) return `.${name}.`;
  return `.${createHash('sha256').update(name).digest('hex').slice(0, 32)}.`;
}

/** A name beside `path` for what is to become it: `.talk.wav.HOST-PROCESS-RANDOM.tmp`. */
export function temporaryName(path: string): string {
  const unique = [HOST, process.pid.toString(36), randomBytes(3).toString('hex')].join('-');
  return join(dirname(path), `${stemOf(path)}${unique}.tmp`);
}

/**
 * Removes the temporary files of `path` that processes of this machine left behind which are gone, as after kill −9.
 * Those of other machines stay. Never throws: what cannot be removed does no harm.
 */
export function removeLeftBehind(path: string): void {
  const start = stemOf(path);
  for (const name of namesIn(dirname(path))) {
    if (!name.startsWith(start)) continue;
    const match = /^([0-9a-f]{4})-([0-9a-z]+)-[0-9a-f]{6}\.tmp$/.exec(name.slice(start.length));
    if (match === null || match[1] !== HOST) continue;
    const file = join(dirname(path), name);
    if (isBeingWritten(Number.parseInt(match[2], 36), file)) continue;
    try {
      unlinkSync(file);
    } catch {
      // Another process was faster, or may do what we may not.
    }
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function isBeingWritten(pid: number, file: string): boolean {
  if (pid === process.pid) {
    // Containers give the same number to each process that they start.
    const startMs = Date.now() - 1000 * process.uptime();
    const info = statSync(file, { throwIfNoEntry: false });
    return info === undefined || info.mtimeMs >= startMs;
  }
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

/**
 * Where a path leads once its symbolic links are followed, also where the last one leads to a file that is not there yet.
 *
 * @throws the system's error, `ELOOP` for links in a circle
 */
export function followLinks(path: string, left = MOST_LINKS): string {
  if (left === 0) throw Object.assign(new Error('links lead in a circle'), { code: 'ELOOP' });
  try {
    return realpathSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  if (!lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink()) return path;
  return followLinks(resolve(dirname(path), readlinkSync(path)), left - 1);
}
