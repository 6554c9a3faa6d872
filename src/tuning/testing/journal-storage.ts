import assert from 'node:assert/strict';
import { Random } from '../../random.js';
import type { JournalStorage } from '../storages/journal-storage.js';
import type { Check } from './check.js';

/** Opens a storage; the same name is the same journal. Names are never used again. */
export type OpenStorage = (name: string) => Promise<JournalStorage>;

async function readAll(storage: JournalStorage): Promise<string[]> {
  return (await storage.readLogs(0)).records;
}

/** What every {@link JournalStorage} must do. */
export function journalStorageChecks(open: OpenStorage): Check[] {
  let journals = 0;
  const withStorages = async (
    count: number,
    work: (...storages: JournalStorage[]) => Promise<void>,
  ): Promise<void> => {
    const name = `check-${journals++}`;
    const storages: JournalStorage[] = [];
    for (let i = 0; i < count; i++) storages.push(await open(name));
    try {
      await work(...storages);
    } finally {
      for (const storage of storages) await storage.close();
    }
  };
  return [
    {
      name: 'begins empty',
      run: () => withStorages(1, async (storage) => assert.deepEqual(await readAll(storage), [])),
    },
    {
      name: 'gives back what was appended, in order and to the letter',
      run: () =>
        withStorages(1, async (storage) => {
          const records = ['{"a":1}', '"ü € 😀"', '{"text":"a\\nb"}', 'x'.repeat(100_000)];
          await storage.appendLogs(records.slice(0, 1));
          await storage.appendLogs(records.slice(1));
          await storage.appendLogs([]);
          assert.deepEqual(await readAll(storage), records);
        }),
    },
    {
      name: 'goes on reading where it stopped',
      run: () =>
        withStorages(1, async (storage) => {
          const read: string[] = [];
          let position = 0;
          for (let i = 0; i < 20; i++) {
            if (i % 3 !== 1) await storage.appendLogs([`${i}`, `${i} again ü`]);
            const news = await storage.readLogs(position);
            assert.ok(news.position >= position);
            read.push(...news.records);
            position = news.position;
          }
          assert.deepEqual(read, await readAll(storage));
        }),
    },
    {
      name: 'shows the same order to all, with many writers at once',
      run: () =>
        withStorages(4, async (...storages) => {
          const random = new Random(1);
          const written = storages.map((storage, writer) =>
            (async () => {
              for (let i = 0; i < 25; i++) {
                const batch = Array.from({ length: 1 + random.integer(3) }, (_, n) => `${writer} ${i} ${n}`);
                await storage.appendLogs(batch);
                const seen = await readAll(storage);
                assert.deepEqual(
                  seen.slice(seen.indexOf(batch[0])).slice(0, batch.length),
                  batch,
                  'one call stays together',
                );
              }
            })(),
          );
          await Promise.all(written);
          const [first, ...others] = await Promise.all(storages.map(readAll));
          for (const other of others) assert.deepEqual(other, first);
          assert.equal(new Set(first).size, first.length);
          for (let writer = 0; writer < storages.length; writer++) {
            const turns = first
              .filter((record) => record.startsWith(`${writer} `))
              .map((record) => Number(record.split(' ')[1]));
            assert.deepEqual(
              turns,
              [...turns].sort((a, b) => a - b),
              'a writer keeps its order',
            );
            assert.equal(turns[turns.length - 1], 24);
          }
        }),
    },
    {
      name: 'keeps what was written after it is closed',
      run: async () => {
        const name = `check-${journals++}`;
        const first = await open(name);
        const second = await open(name);
        await first.appendLogs(['one']);
        await first.close();
        assert.deepEqual(await readAll(second), ['one']);
        await second.close();
      },
    },
    {
      name: 'gives the last snapshot, or none',
      run: () =>
        withStorages(2, async (storage, other) => {
          if (storage.saveSnapshot === undefined || storage.loadSnapshot === undefined) return;
          assert.equal(await storage.loadSnapshot(), undefined);
          await storage.appendLogs(['one', 'two']);
          const { position } = await storage.readLogs(0);
          await storage.saveSnapshot({ position: 0, state: 'old' });
          await storage.saveSnapshot({ position, state: '{"ü":1}' });
          await storage.appendLogs(['three']);
          const snapshot = await other.loadSnapshot!();
          assert.deepEqual(snapshot, { position, state: '{"ü":1}' });
          assert.deepEqual((await other.readLogs(snapshot!.position)).records, ['three']);
        }),
    },
  ];
}
