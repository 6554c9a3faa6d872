import { stat } from 'node:fs/promises';

/**
 * What a regular file is known by, whatever links and spellings lead to it: device and inode. `undefined` for what is not
 * there, and for folders, devices and pipes.
 */
export async function fileIdentity(path: string): Promise<string | undefined> {
  const entry = await stat(path, { bigint: true }).catch(() => undefined);
  return entry?.isFile() ? `${entry.dev}:${entry.ino}` : undefined;
}
