import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { isResultName, READABLE_ENDINGS } from '../../audio/file-endings.js';
import { InputError, toDenoiseError } from '../../errors.js';

/** Written and read on pipes. */
export const PIPE = '-';

/** What a name that is not UTF-8 is full of by the time it gets here. */
const REPLACEMENT = '\ufffd';

/** One recording to denoise. */
export interface InputFile {
  /** Path as it can be opened, or `-` for stdin. */
  path: string;
  /** Path below the folder it was found in; the file's name where it was named itself. Outputs in a folder keep it. */
  relative: string;
}

/** Something in a folder that is left as it is. */
export interface SkippedFile {
  path: string;
  /** Why, as the end of a sentence. */
  reason: string;
}

export interface FindOptions {
  /** Also in folders of folders; default false. */
  recursive?: boolean;
  /** A suffix that results have, beside the usual ones. */
  suffix?: string;
  /** Results of the program are recordings like others; default false. */
  results?: boolean;
}

/**
 * The recordings that the arguments of the command line mean: files as they are, folders as the recordings in them
 * (sorted, without results of the program), `-` as stdin; and what was in those folders besides.
 *
 * @throws InputError `E_NO_AUDIO_FOUND` for a folder without recordings, `E_NAME_ENCODING` for a name that is not UTF-8.
 */
export async function findInputFiles(
  named: readonly string[],
  options: FindOptions = {},
): Promise<{ files: InputFile[]; skipped: SkippedFile[] }> {
  const files: InputFile[] = [];
  const skipped: SkippedFile[] = [];
  for (const path of named) {
    if (path === PIPE) files.push({ path, relative: 'stdin' });
    else if (await isFolder(path)) await searchFolder(path, options, files, skipped);
    else if (path.includes(REPLACEMENT) && !(await exists(path)))
      throw new InputError('E_NAME_ENCODING', `The name of ${path} is not UTF-8.`, {
        hint: 'Rename the file, or give its bytes through a pipe: denoise - < FILE > clean.wav',
      });
    else files.push({ path, relative: basename(path) });
  }
  return { files, skipped };
}

/** False for what does not exist as well: opening it will say so. */
export async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (entry) => entry.isDirectory(),
    () => false,
  );
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

async function searchFolder(
  folder: string,
  options: FindOptions,
  files: InputFile[],
  skipped: SkippedFile[],
): Promise<void> {
  const relatives: string[] = [];
  const walk = async (below: string): Promise<void> => {
    for (const entry of await entriesOf(join(folder, below))) {
      const relative = join(below, entry.name);
      const reason = await reasonToSkip(join(folder, relative), entry, options);
      if (reason !== undefined) skipped.push({ path: join(folder, relative), reason });
      else if (entry.isDirectory()) await walk(relative);
      else relatives.push(relative);
    }
  };
  await walk('');
  if (relatives.length === 0) {
    throw new InputError('E_NO_AUDIO_FOUND', `The folder ${folder} holds no recordings.`, {
      hint: options.recursive
        ? 'Name the files themselves if they end differently.'
        : 'Add -r to search its folders, too.',
    });
  }
  files.push(...relatives.sort().map((relative) => ({ path: join(folder, relative), relative })));
}

/** Why an entry of a folder is left alone; `undefined`: it is not. */
async function reasonToSkip(
  path: string,
  entry: Dirent,
  { recursive = false, results = false, suffix }: FindOptions,
): Promise<string | undefined> {
  if (entry.name.includes(REPLACEMENT)) return 'its name is not UTF-8';
  if (entry.isDirectory()) return recursive ? undefined : 'it is a folder, and -r was not given';
  if (!READABLE_ENDINGS.has(extname(entry.name).toLowerCase())) return 'it is no recording by its name';
  if (!results && isResultName(entry.name, suffix)) return 'it is a result';
  const kind = await stat(path).catch(() => undefined);
  return kind?.isFile() ? undefined : 'it is no file';
}

async function entriesOf(folder: string): Promise<Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    throw toDenoiseError(error, `Cannot list the folder ${folder}`);
  }
}
