import { createHash, randomBytes } from 'node:crypto';
import { readdir, stat, unlink } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';

/** Tells machines and containers that share a folder apart: a process number means nothing on another one. */
const HOST = createHash('sha256').update(hostname()).digest('hex').slice(0, 4);

/** A name beside `path` for what is to become it: `.talk.wav.HOST-PROCESS-RANDOM.tmp`. */
export function temporaryName(path: string): string {
  const unique = [HOST, process.pid.toString(36), randomBytes(3).toString('hex')].join('-');
  return join(dirname(path), `.${basename(path)}.${unique}.tmp`);
}

/**
 * Removes the temporary files of `path` that processes of this machine left behind which are gone, as after kill −9.
 * Those of other machines stay. Never throws: what cannot be removed does no harm.
 */
export async function removeLeftBehind(path: string): Promise<void> {
  const folder = dirname(path);
  const start = `.${basename(path)}.`;
  const names = await readdir(folder).catch(() => []);
  for (const name of names) {
    if (!name.startsWith(start)) continue;
    const match = /^([0-9a-f]{4})-([0-9a-z]+)-[0-9a-f]{6}\.tmp$/.exec(name.slice(start.length));
    if (match === null || match[1] !== HOST) continue;
    const file = join(folder, name);
    if (!(await isWriting(Number.parseInt(match[2]!, 36), file))) await unlink(file).catch(() => {});
  }
}

async function isWriting(pid: number, file: string): Promise<boolean> {
  if (pid === process.pid) {
    // Containers give the same number to each process that they start.
    const startMs = Date.now() - 1000 * process.uptime();
    const info = await stat(file).catch(() => undefined);
    return info === undefined || info.mtimeMs >= startMs;
  }
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
