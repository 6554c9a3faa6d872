import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { isDenoisedName, READABLE_ENDINGS } from '../../audio/file-endings.js';
import { InputError, toDenoiseError } from '../../errors.js';

/** Written and read on pipes. */
export const PIPE = '-';

/** One recording to denoise. */
export interface InputFile {
  /** Path as it can be opened, or `-` for stdin. */
  path: string;
  /** Path below the folder it was found in; the file's name where it was named itself. Outputs in a folder keep it. */
  relative: string;
}

/**
 * The recordings that the arguments of the command line mean: files as they are, folders as the recordings
 * in them (with sub-folders, sorted, without results of the program), `-` as stdin.
 *
 * @throws InputError `E_NO_AUDIO_FOUND` for a folder without recordings.
 */
export async function findInputFiles(named: readonly string[]): Promise<InputFile[]> {
  const found: InputFile[] = [];
  for (const path of named) {
    if (path === PIPE) found.push({ path, relative: 'stdin' });
    else if (await isFolder(path)) found.push(...(await recordingsIn(path)));
    else found.push({ path, relative: basename(path) });
  }
  return found;
}

/** False for what does not exist as well: opening it will say so. */
export async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (entry) => entry.isDirectory(),
    () => false,
  );
}

async function recordingsIn(folder: string): Promise<InputFile[]> {
  const relatives: string[] = [];
  const walk = async (below: string): Promise<void> => {
    for (const entry of await entriesOf(join(folder, below))) {
      const relative = join(below, entry.name);
      if (entry.isDirectory()) await walk(relative);
      else if (isRecording(entry.name)) relatives.push(relative);
    }
  };
  await walk('');
  if (relatives.length === 0) {
    throw new InputError('E_NO_AUDIO_FOUND', `The folder ${folder} holds no recordings.`, {
      hint: 'Name the files themselves if they end differently.',
    });
  }
  return relatives.sort().map((relative) => ({ path: join(folder, relative), relative }));
}

async function entriesOf(folder: string): Promise<Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    throw toDenoiseError(error, `Cannot list the folder ${folder}`);
  }
}

function isRecording(name: string): boolean {
  return READABLE_ENDINGS.has(extname(name).toLowerCase()) && !isDenoisedName(name);
}
