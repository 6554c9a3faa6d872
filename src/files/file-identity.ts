import { stat } from 'node:fs/promises';

/**
 * What a file is known by, whatever links and spellings lead to it: device and inode. `undefined` where there is none.
 */
export async function fileIdentity(path: string): Promise<string | undefined> {
  const entry = await stat(path).catch(() => undefined);
  return entry === undefined ? undefined : `${entry.dev}:${entry.ino}`;
}
