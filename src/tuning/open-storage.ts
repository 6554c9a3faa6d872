import { join } from 'node:path';
import { UsageError } from '../errors.js';
import { FileLock } from '../files/file-lock.js';
import { InProcessQueue } from './queue/in-process.js';
import type { TrialQueue } from './queue/trial-queue.js';
import { Registry } from './registry.js';
import { FileStorage } from './storages/file.js';
import type { JournalStorage } from './storages/journal-storage.js';

/** Where a study lives, and who hands out its trials. */
export interface Backend {
  storage: JournalStorage;
  /** Opened by those who run trials; who only reads needs none. @throws UsageError `E_STUDY_BUSY` */
  openQueue(): TrialQueue;
}

interface BackendOptions {
  /** Milliseconds that a lease lasts; of shared backends. Default 30 000. */
  leaseMs?: number;
}

type OpenBackend = (url: string, study: string, options: BackendOptions) => Promise<Backend>;

// Loaded when they are asked for: together they take a third of a second.
const onRedis: OpenBackend = async (url, study, options) => {
  const { RedisStorage } = await import('./storages/redis.js');
  const { BullQueue } = await import('./queue/bullmq.js');
  return { storage: new RedisStorage(url, study), openQueue: () => new BullQueue(url, study, options) };
};
const onPostgres: OpenBackend = async (url, study, options) => {
  const { PostgresStorage } = await import('./storages/postgres.js');
  const { BullQueue } = await import('./queue/bullmq.js');
  return { storage: new PostgresStorage(url, study), openQueue: () => new BullQueue(url, study, options) };
};

/** Backends by the scheme of their URL; add your own with `backends.add('mydb', async (url, study) => …)`. */
export const backends = new Registry<OpenBackend>('kind of storage', {
  redis: onRedis,
  rediss: onRedis,
  postgres: onPostgres,
  postgresql: onPostgres,
});

/** Studies keep their files here unless told otherwise. */
export const STUDIES = 'studies';

/**
 * @param url such as `redis://…`; default: the file system of this machine
 * @param folder of the study
 * @throws UsageError `E_STORAGE` for no URL, `E_UNKNOWN_NAME` for an unknown scheme
 */
export async function openBackend(
  url: string | undefined,
  study: string,
  folder = join(STUDIES, study),
  options: BackendOptions = {},
): Promise<Backend> {
  if (url === undefined) return inFiles(folder, study);
  if (!URL.canParse(url))
    throw new UsageError('E_STORAGE', `"${url}" is no URL of a storage.`, {
      hint: 'For example --storage redis://host:6379 or --storage postgres://user@host/database.',
    });
  return backends.get(new URL(url).protocol.slice(0, -1))(url, study, options);
}

function inFiles(folder: string, study: string): Backend {
  return {
    storage: new FileStorage(folder),
    openQueue() {
      // What runs in a journal on this machine is dead once nobody holds this lock: its trials may be taken over.
      const lock = new FileLock(join(folder, '.running.lock'));
      if (!lock.tryAcquire())
        throw new UsageError('E_STUDY_BUSY', `Another denoise works on the study "${study}".`, {
          hint: 'Wait for it, stop it with Ctrl-C, or share the study through --storage redis://….',
        });
      const queue = new InProcessQueue();
      queue.close = async () => lock.release();
      return queue;
    },
  };
}
