import { readdir, readFile } from 'node:fs/promises';
import { basename, join, sep } from 'node:path';
import type { CorpusSource } from './source.js';

/** A recording of a source, before it is heard. */
export interface SelectedFile {
  /** Path in the source, with `/`. */
  path: string;
  /** Speaker or kind; `null` when the source does not tell. */
  voice: string | null;
  /** Empty for what is no speech. */
  language: string;
}

/** The recordings that a source's rules let in, sorted by path. */
export async function selectFiles(source: CorpusSource, folder: string): Promise<SelectedFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(folder.length + 1)
        .split(sep)
        .join('/'),
    )
    .sort();
  const lists = source.listedIn === undefined ? [] : paths.filter((path) => source.listedIn!.test(path));
  const texts = await Promise.all(lists.map((path) => readFile(join(folder, path), 'utf8')));
  return selectPaths(source, paths, source.listedIn === undefined ? undefined : texts.join('\n'));
}

/** {@link selectFiles} on a list of paths; `listing` is the text in which a path or file name must stand. */
export function selectPaths(
  source: CorpusSource,
  paths: readonly string[],
  listing?: string,
): SelectedFile[] {
  const listed = listing === undefined ? undefined : new Set(listing.split(/\s+/));
  return paths.flatMap((path) => {
    const match = source.files.exec(path);
    if (match === null) return [];
    if (listed !== undefined && !listed.has(path) && !listed.has(basename(path))) return [];
    // A source of one speaker needs no group: the whole source is the voice, unless each file has its own.
    const alone = source.joinSeconds === 0 ? null : source.name;
    const { voice = alone, language = source.language ?? '' } = match.groups ?? {};
    return [{ path, voice, language }];
  });
}
