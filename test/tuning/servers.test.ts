/** Journals and queues on real servers: the same checks as for those of one process, and what only servers do. */
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BullQueue } from '../../src/tuning/queue/bullmq.js';
import { PostgresStorage } from '../../src/tuning/storages/postgres.js';
import { RedisStorage } from '../../src/tuning/storages/redis.js';
import { journalStorageChecks } from '../../src/tuning/testing/journal-storage.js';
import { trialQueueChecks } from '../../src/tuning/testing/trial-queue.js';
import { hasPostgres, PostgresServer } from '../support/postgres-server.js';
import { hasRedis, RedisServer } from '../support/redis-server.js';

/** Short enough to wait for, long enough for a busy machine. */
const LEASE_MS = 8000;

function queueChecks(url: () => string) {
  let queues = 0;
  return trialQueueChecks(async (workers, waits) => {
    const study = `queue-${queues++}`;
    const options = waits ? { leaseMs: LEASE_MS } : {};
    return {
      workers: Array.from({ length: workers }, () => new BullQueue(url(), study, options)),
      // A lease, and two rounds of the search for stalled ones.
      expire: () => delay(2.5 * LEASE_MS),
    };
  });
}

describe.skipIf(!hasRedis)('on Redis', () => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await RedisServer.start();
  });
  afterAll(() => server.stop());

  describe('a journal', () => {
    for (const check of journalStorageChecks(async (name) => new RedisStorage(server.url, name)))
      it(check.name, check.run);
  });
  describe('a queue', () => {
    for (const check of queueChecks(() => server.url)) it(check.name, check.run);
  });

  it('is waited for while it starts again, and has kept everything', async () => {
    const storage = new RedisStorage(server.url, 'restart');
    const queue = new BullQueue(server.url, 'restart');
    await storage.appendLogs(['one']);
    await queue.enqueue(7);
    await server.kill();
    const written = storage.appendLogs(['two']);
    const leased = queue.lease();
    await delay(300);
    await server.start();
    await written;
    expect((await storage.readLogs(0)).records).toEqual(['one', 'two']);
    expect((await leased)?.trial).toBe(7);
    await queue.close();
    await storage.close();
  });

  it('gets over a network that is cut for a moment, and has every record once', async () => {
    const storage = new RedisStorage(server.url, 'partition');
    await storage.appendLogs(['before']);
    server.freeze();
    const written = Promise.all([storage.appendLogs(['during']), storage.readLogs(0)]);
    await delay(500);
    server.thaw();
    await written;
    expect((await storage.readLogs(0)).records).toEqual(['before', 'during']);
    await storage.close();
  });

  it('says so when it stays away, without the password', async () => {
    const away = new RedisStorage('redis://me:secret@127.0.0.1:1', 'away', { patienceMs: 500 });
    const failure = await away.readLogs(0).catch((error) => error);
    expect(failure).toMatchObject({
      code: 'E_STORAGE_UNREACHABLE',
      hint: expect.stringContaining('goes on'),
    });
    expect(failure.message).not.toContain('secret');
    await away.close();
    const queue = new BullQueue('redis://127.0.0.1:1', 'away', { patienceMs: 500 });
    await expect(queue.enqueue(1)).rejects.toMatchObject({ code: 'E_STORAGE_UNREACHABLE' });
    await queue.close();
  });

  it('is found out when it has lost what it held', async () => {
    const storage = new RedisStorage(server.url, 'lost');
    await storage.appendLogs(['one', 'two']);
    const other = new RedisStorage(server.url, 'empty');
    await expect(other.readLogs(2)).rejects.toMatchObject({ code: 'E_STORAGE_LOST' });
    await other.close();
    await storage.close();
  });
});

describe.skipIf(!hasPostgres)('on Postgres', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await PostgresServer.start();
  });
  afterAll(() => server.stop());

  describe('a journal', () => {
    for (const check of journalStorageChecks(async (name) => new PostgresStorage(server.url, name)))
      it(check.name, check.run);
  });
  describe('a queue', () => {
    for (const check of queueChecks(() => server.url)) it(check.name, check.run);
  });

  it('is waited for while it starts again, and has kept everything', async () => {
    const storage = new PostgresStorage(server.url, 'restart');
    await storage.appendLogs(['one']);
    const queue = new BullQueue(server.url, 'restart');
    await queue.enqueue(7);
    await server.kill();
    const written = storage.appendLogs(['two']);
    const leased = queue.lease();
    // One that first meets a server that is away is no worse for it.
    const late = new BullQueue(server.url, 'restart');
    const added = late.enqueue(8);
    await delay(300);
    await server.start();
    await Promise.all([written, added]);
    expect((await storage.readLogs(0)).records).toEqual(['one', 'two']);
    const first = (await leased)!;
    const second = (await late.lease())!;
    expect([first.trial, second.trial]).toEqual([7, 8]);
    await server.kill();
    const ended = Promise.all([queue.complete(first), late.fail(second)]);
    await server.start();
    await ended;
    // What was ended is forgotten, what was given back waits.
    expect((await queue.lease())?.trial).toBe(8);
    expect(await queue.lease()).toBeUndefined();
    await queue.close();
    await late.close();
    await storage.close();
  });

  it('says so when it stays away, without the password, and at once when it refuses', async () => {
    const url = 'postgres://me:secret@127.0.0.1:1/postgres';
    const storage = new PostgresStorage(url, 'away', { patienceMs: 500 });
    const queue = new BullQueue(url, 'away', { patienceMs: 500 });
    for (const call of [storage.readLogs(0), queue.enqueue(1), queue.lease()]) {
      const failure = await call.catch((error) => error);
      expect(failure).toMatchObject({ code: 'E_STORAGE_UNREACHABLE' });
      expect(failure.message).not.toContain('secret');
    }
    await queue.close();
    await storage.close();
    const absent = new PostgresStorage(server.url.replace(/postgres$/, 'absent'), 'away');
    await expect(absent.readLogs(0)).rejects.toMatchObject({
      code: 'E_STORAGE_REFUSED',
      message: expect.stringContaining('database "absent" does not exist'),
      hint: expect.any(String),
    });
    await absent.close();
  });
});
