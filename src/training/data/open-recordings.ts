import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { TrainingError, toDenoiseError } from '../../errors.js';
import { WorkerClient } from '../../threads/worker-client.js';
import { workerUrl } from '../../threads/worker-url.js';
import { audioFiles } from './library.js';
import type { Recordings, RecordingsSource } from './recordings.js';
import type { RecordingsMethods } from './recordings-worker.js';

export interface OpenRecordingsOptions {
  /** Called after each file. */
  onProgress?(done: number, total: number): void;
  /** Ends the reading, unless others wait for the same recordings. */
  signal?: AbortSignal;
}

/** Recordings in use, with a count of their users. */
export interface RecordingsHandle {
  readonly recordings: Recordings;
  /** Gives them back; the memory is freed when all users have. Further calls do nothing. */
  release(): void;
}

interface Shared {
  users: number;
  readonly opened: Promise<Recordings>;
  readonly listeners: Set<(done: number, total: number) => void>;
  readonly abort: AbortController;
}

/** What is open or being opened in this process (this thread of it), by {@link contentKey}. */
const open = new Map<string, Shared>();

/**
 * Opens recordings, or shares them with those who have them open already: 864 trials decode a corpus once. They are
 * decoded in a thread of their own.
 * @throws TrainingError `E_NO_AUDIO` when nothing usable is found; the signal's reason
 */
export async function openRecordings(
  source: RecordingsSource,
  { onProgress, signal }: OpenRecordingsOptions = {},
): Promise<RecordingsHandle> {
  signal?.throwIfAborted();
  const key = await contentKey(source);
  let shared = open.get(key);
  if (shared === undefined) {
    shared = startReading(source);
    open.set(key, shared);
  }
  shared.users++;
  if (onProgress !== undefined) shared.listeners.add(onProgress);
  const release = once(() => giveBack(key, shared));
  try {
    return { recordings: await unlessAborted(shared.opened, signal), release };
  } catch (error) {
    release();
    throw error;
  } finally {
    if (onProgress !== undefined) shared.listeners.delete(onProgress);
  }
}

function startReading(source: RecordingsSource): Shared {
  const listeners: Shared['listeners'] = new Set();
  const abort = new AbortController();
  const worker = new WorkerClient<RecordingsMethods>(workerUrl(import.meta.url, './recordings-worker.js'), {
    lost: (why, cause) =>
      new TrainingError('E_READING', `The thread that reads the recordings is gone: ${why}.`, { cause }),
  });
  const opened = worker
    .call('read', source, {
      onProgress: ({ done, total }) => {
        for (const listener of listeners) listener(done, total);
      },
      signal: abort.signal,
    })
    .finally(() => worker.stop());
  // Those that wait get the error; when all have left, nobody does.
  opened.catch(() => {});
  return { users: 0, opened, listeners, abort };
}

function giveBack(key: string, shared: Shared): void {
  if (--shared.users > 0) return;
  shared.abort.abort();
  if (open.get(key) === shared) open.delete(key);
}

function once(work: () => void): () => void {
  let done = false;
  return () => {
    if (!done) work();
    done = true;
  };
}

async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  signal.throwIfAborted();
  let leave = (): void => {};
  const aborted = new Promise<never>((_, reject) => {
    leave = () => reject(signal.reason);
    signal.addEventListener('abort', leave, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', leave);
  }
}

/**
 * What tells recordings apart: how they are asked for, and name, size and time of change of every file. Hashing the
 * samples would cost a reading of all files for every trial.
 */
async function contentKey(source: RecordingsSource): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify(source));
  const folders = source.kind === 'clips' ? [source.folder] : [source.noisy, source.clean];
  for (const folder of folders) {
    const root = resolve(folder);
    for (const name of await audioFiles(root)) {
      try {
        const { size, mtimeMs } = await stat(join(root, name));
        hash.update(`${name}\n${size}\n${mtimeMs}\n`);
      } catch (error) {
        // A broken link, say: the reader will name it among those it left out.
        hash.update(`${name}\n${toDenoiseError(error, 'Reading').code}\n`);
      }
    }
  }
  return hash.digest('hex');
}
