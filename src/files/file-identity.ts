import { stat } from 'node:fs/promises';

/** Whether there is a regular file, which can be read more than once; false for pipes, devices and folders. */
export async function isRegularFile(path: string): Promise<boolean> {
  const entry = await stat(path).catch(() => undefined);
  return entry?.isFile() ?? false;
}

/**
 * What a regular file is known by, whatever links and spellings lead to it: device and inode. `undefined` for what is not
 * there, and for folders, devices and pipes.
 */
export async function fileIdentity(path: string): Promise<string | undefined> {
  const entry = await stat(path, { bigint: true }).catch(() => undefined);
  return entry?.isFile() ? `${entry.dev}:${entry.ino}` : undefined;
}
