import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { FileStorage } from '../../../src/tuning/storages/file.js';
import { MemoryStorage } from '../../../src/tuning/storages/memory.js';
import { journalStorageChecks } from '../../../src/tuning/testing/journal-storage.js';

const folder = mkdtempSync(join(tmpdir(), 'journal-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('a journal in memory', () => {
  const journals = new Map<string, MemoryStorage>();
  const open = async (name: string) => {
    if (!journals.has(name)) journals.set(name, new MemoryStorage());
    return journals.get(name)!;
  };
  for (const check of journalStorageChecks(open)) it(check.name, check.run);
});

describe('a journal in a file', () => {
  for (const check of journalStorageChecks(async (name) => new FileStorage(join(folder, name))))
    it(check.name, check.run);

  it('does not see a record that a kill left half-written, and goes on after it', async () => {
    const storage = new FileStorage(join(folder, 'half'));
    await storage.appendLogs(['{"whole":1}']);
    appendFileSync(storage.where, '{"half":');
    expect((await storage.readLogs(0)).records).toEqual(['{"whole":1}']);
    await storage.appendLogs(['{"whole":2}']);
    expect((await storage.readLogs(0)).records).toEqual(['{"whole":1}', '{"whole":2}']);
    await storage.close();
  });
});
