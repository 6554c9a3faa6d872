/** Programs of their own that share a study, on real servers. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { readStudy } from '../../src/tuning/read-study.js';
import type { JournalStorage } from '../../src/tuning/storages/journal-storage.js';
import { PostgresStorage } from '../../src/tuning/storages/postgres.js';
import { RedisStorage } from '../../src/tuning/storages/redis.js';
import { hasPostgres, PostgresServer } from '../support/postgres-server.js';
import { hasRedis, RedisServer } from '../support/redis-server.js';
import { jsonError, PROGRAM, runDenoise } from './support/run-denoise.js';
import { TINY } from './support/tiny-tune.js';
import { TRAINING_TIMEOUT } from './support/training.js';
import { useWorkspace } from './support/workspace.js';

const work = useWorkspace();
const inFolder = () => ({ spawn: { cwd: work.folder } });
const EPOCHS = 40;
const SPACE = ['--space', 'lr=1e-3,3e-3', '--space', 'hidden=3,4'];
const GRID = [
  'tune',
  'grid',
  ...TINY,
  ...SPACE,
  '--pruner',
  'none',
  '--doctor',
  'off',
  '--set',
  `epochs=${EPOCHS}`,
];

interface Server {
  url: string;
  kill(): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** A study that was begun and of which nothing has run. */
async function begin(storage: JournalStorage, shared: readonly string[]): Promise<void> {
  const begun = await runDenoise([...GRID, '--time', '0', ...shared], inFolder());
  expect(begun.stderr).toBe('');
  // The limit of time was for the program that began it.
  const plan = (await readStudy(storage)).attributes.plan as Record<string, unknown>;
  await storage.appendLogs([
    JSON.stringify({ op: 'attribute', id: 'test', time: 0, key: 'plan', value: { ...plan, stop: {} } }),
  ]);
}

async function untilReported(storage: JournalStorage, count: number): Promise<void> {
  for (;;) {
    const { records } = await storage.readLogs(0);
    if (records.filter((record) => record.includes('"op":"report"')).length >= count) return;
    await delay(100);
  }
}

async function survives(server: Server, storage: JournalStorage): Promise<void> {
  const shared = ['--storage', server.url, '--study', 'shared', '--folder', work.at('shared')];
  const workers: ChildProcess[] = [];
  const startWorker = (): ChildProcess => {
    const args = [PROGRAM, 'worker', ...shared, '--workers', '1', '--lease', '10'];
    const child = spawn(process.execPath, args, { cwd: work.folder, stdio: 'ignore' });
    workers.push(child);
    return child;
  };
  try {
    await begin(storage, shared);
    const [killed, frozen] = [startWorker(), startWorker()];
    await untilReported(storage, 3);
    killed.kill('SIGKILL');
    frozen.kill('SIGSTOP');
    const survivors = [startWorker(), startWorker()];
    await untilReported(storage, 60);
    await server.kill();
    await server.start();
    frozen.kill('SIGCONT');
    await Promise.all(
      [...survivors, frozen].map((child) => (child.exitCode === null ? once(child, 'exit') : undefined)),
    );
    for (const survivor of survivors) expect(survivor.exitCode).toBe(0);
    const { trials } = await readStudy(storage);
    expect(trials.map(({ state }) => state)).toEqual(['complete', 'complete', 'complete', 'complete']);
    expect(trials.map(({ reports }) => reports.length)).toEqual([EPOCHS, EPOCHS, EPOCHS, EPOCHS]);
    expect(trials.reduce((sum, { losses }) => sum + losses, 0)).toBeGreaterThan(0);
    const { records } = await storage.readLogs(0);
    // Whoever comes second with an end may write it; in the study each trial ends once, with the value of one training.
    expect(new Set(records.filter((record) => record.includes('"op":"end"')).map(endOf)).size).toBe(4);
  } finally {
    for (const child of workers) child.kill('SIGKILL');
    await storage.close();
    await server.stop();
  }
}

/** Trial and values of a record that ends one: equal trainings end equally. */
const endOf = (record: string): string => {
  const { trial, values } = JSON.parse(record) as { trial: number; values: number[] };
  return JSON.stringify([trial, values]);
};

describe('denoise worker', () => {
  it.skipIf(!hasRedis)(
    'shares a study on Redis: killed and frozen workers and a server that starts again lose nothing, and nothing counts twice',
    { timeout: TRAINING_TIMEOUT },
    async () => {
      const server = await RedisServer.start();
      await survives(server, new RedisStorage(server.url, 'shared'));
    },
  );

  it.skipIf(!hasPostgres)(
    'shares a study on Postgres in the same way',
    { timeout: TRAINING_TIMEOUT },
    async () => {
      const server = await PostgresServer.start();
      await survives(server, new PostgresStorage(server.url, 'shared'));
    },
  );

  it.skipIf(!hasRedis)(
    'refuses a study of a newer version, one that nobody began, and another space',
    async () => {
      const server = await RedisServer.start();
      const storage = new RedisStorage(server.url, 'newer');
      try {
        await storage.appendLogs([JSON.stringify({ op: 'study', version: 99, id: 'a', time: 0 })]);
        const refused = async (study: string) =>
          jsonError(
            await runDenoise(['worker', '--storage', server.url, '--study', study, '--json'], inFolder()),
          );
        expect(await refused('newer')).toMatchObject({
          code: 'E_JOURNAL_VERSION',
          hint: expect.stringContaining('Update'),
        });
        expect(await refused('absent')).toMatchObject({ code: 'E_NO_STUDY' });
        const tune = (...space: string[]) =>
          runDenoise(
            [...['tune', 'grid', ...TINY, ...space, '--time', '0', '--json'], '--storage', server.url],
            inFolder(),
          );
        expect((await tune('--space', 'lr=1e-3,3e-3')).code).toBe(0);
        expect(jsonError(await tune('--space', 'hidden=3,4')).code).toBe('E_STUDY_DIFFERS');
      } finally {
        await storage.close();
        await server.stop();
      }
    },
  );
});
