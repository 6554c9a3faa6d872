import { execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { UsageError } from '../../src/errors.js';
import type { CorpusSource } from './source.js';

const run = promisify(execFile);

/** Where repositories are had from. */
export interface FetchOptions {
  /** Folder of git repositories, each as `OWNER/NAME`, `OWNER+NAME` or the same with `/repo`; looked at first. */
  mirror?: string;
  /** Address of a repository with `{repository}` for OWNER/NAME, for what the mirror lacks. */
  git?: string;
}

/**
 * Puts the files of a source under `folder/files`, once: what is complete stays. Repositories are read at their revision,
 * packages through apt; an archive inside a package (`*.zip`) is unpacked beside itself.
 */
export async function fetchSource(
  source: CorpusSource,
  folder: string,
  options: FetchOptions,
): Promise<string> {
  const files = join(folder, 'files');
  if (existsSync(join(folder, 'complete'))) return files;
  await rm(folder, { recursive: true, force: true });
  await mkdir(files, { recursive: true });
  if ('debian' in source.origin)
    await unpackPackage(source.origin.debian, source.origin.version, folder, files);
  else {
    const { repository, revision } = source.origin;
    const local = await findRepository(repository, revision, folder, options);
    await exportRevision(local, revision, files, source);
  }
  await writeFile(join(folder, 'complete'), '');
  return files;
}

async function unpackPackage(name: string, version: string, folder: string, files: string): Promise<void> {
  await run('apt-get', ['download', '-q', `${name}=${version}`], { cwd: folder });
  const archive = (await readdir(folder)).find((entry) => entry.endsWith('.deb'))!;
  await run('dpkg-deb', ['-x', join(folder, archive), files]);
  await rm(join(folder, archive));
  const entries = await readdir(files, { recursive: true });
  for (const entry of entries.filter((path) => path.endsWith('.zip'))) {
    const zip = join(files, entry);
    await rename(zip, `${zip}.packed`);
    await run('unzip', ['-q', '-o', `${zip}.packed`, '-d', zip], { maxBuffer: 1 << 28 });
    await rm(`${zip}.packed`);
  }
}

/** Folder of a git repository that has the revision: in the mirror, or fetched into `folder`. */
async function findRepository(
  repository: string,
  revision: string,
  folder: string,
  { mirror, git }: FetchOptions,
): Promise<string> {
  const flat = repository.replace('/', '+');
  const places = mirror === undefined ? [] : [repository, `${repository}/repo`, flat, `${flat}/repo`];
  const found = places.map((place) => join(mirror!, place)).find(isRepository);
  if (found !== undefined) return found;
  if (git === undefined)
    throw new UsageError('E_NO_SOURCE', `${repository} is not in the mirror.`, {
      hint: 'Say where it can be had: --git https://HOST/{repository}',
    });
  const clone = join(folder, 'clone');
  await run('git', ['init', '-q', '--bare', clone]);
  const address = git.replace('{repository}', repository);
  await run('git', ['-C', clone, 'fetch', '-q', '--depth', '1', address, revision]);
  return clone;
}

/** Writes the files of a revision that the source asks for. */
async function exportRevision(
  repository: string,
  revision: string,
  files: string,
  source: CorpusSource,
): Promise<void> {
  // An archive would stop at an object that a partial mirror lacks; reading the tree leaves only that one out.
  const listing = ['-C', repository, 'ls-tree', '-r', '-z', revision];
  const { stdout } = await run('git', listing, { maxBuffer: 1 << 28 });
  const blobs = stdout.split('\0').flatMap((line) => {
    const [, hash, path] = /^\d+ blob ([0-9a-f]+)\t(.+)$/s.exec(line) ?? [];
    if (hash === undefined || path === undefined) return [];
    return source.files.test(path) || source.listedIn?.test(path) ? [{ hash, path }] : [];
  });
  await exportBlobs(repository, blobs, files);
}

const isRepository = (folder: string) => existsSync(join(folder, 'HEAD')) || existsSync(join(folder, '.git'));

/** Writes blobs as files by one `git cat-file --batch`; one that the repository lacks is left out. */
async function exportBlobs(
  repository: string,
  blobs: readonly { hash: string; path: string }[],
  files: string,
): Promise<void> {
  const git = spawn('git', ['-C', repository, 'cat-file', '--batch'], { stdio: ['pipe', 'pipe', 'ignore'] });
  const written = pipeline(
    blobs.map(({ hash }) => `${hash}\n`),
    git.stdin,
  );
  let waiting = Buffer.alloc(0);
  const chunks = git.stdout[Symbol.asyncIterator]();
  const more = async () => {
    const { value, done } = await chunks.next();
    if (!done) waiting = Buffer.concat([waiting, value as Buffer]);
    return !done;
  };
  for (const { path } of blobs) {
    while (!waiting.includes(10)) if (!(await more())) break;
    const end = waiting.indexOf(10);
    const size = Number(/ blob (\d+)$/.exec(waiting.toString('utf8', 0, end))?.[1] ?? Number.NaN);
    waiting = waiting.subarray(end + 1);
    if (Number.isNaN(size)) continue;
    while (waiting.length < size + 1) if (!(await more())) break;
    const target = join(files, path);
    await mkdir(join(target, '..'), { recursive: true });
    await writeFile(target, waiting.subarray(0, size));
    waiting = waiting.subarray(size + 1);
  }
  await written;
}
