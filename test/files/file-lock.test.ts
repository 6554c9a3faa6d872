import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FileLock } from '../../src/files/file-lock.js';
import { startModule } from './support/run-module.js';

let root: string;
let path: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'denoise-lock-'));
  path = join(root, 'lock');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

describe('FileLock', () => {
  it('is held by one at a time, within a process too', () => {
    const [one, other] = [new FileLock(path), new FileLock(path)];
    expect(one.tryAcquire()).toBe(true);
    expect(other.tryAcquire()).toBe(false);
    expect(() => one.tryAcquire()).toThrow(expect.objectContaining({ code: 'E_LOCKED' }));
    expect(() => other.run(() => 1, 0)).toThrow(expect.objectContaining({ code: 'E_LOCKED' }));
    one.release();
    one.release();
    expect(other.run(() => 'done')).toBe('done');
    expect(one.tryAcquire()).toBe(true);
    one.release();
  });

  it('is let go when the work fails', () => {
    const lock = new FileLock(path);
    expect(() =>
      lock.run(() => {
        throw new Error('no');
      }),
    ).toThrow('no');
    expect(lock.run(() => 2, 0)).toBe(2);
  });

  it('is free at once when its holder is killed', async () => {
    const child = startModule(
      `const { FileLock } = await import('@/files/file-lock.js');
       const lock = new FileLock(process.argv[1]);
       console.log(lock.tryAcquire());
       setInterval(() => {}, 1000);`,
      [path],
    );
    expect(String((await once(child.stdout!, 'data'))[0]).trim()).toBe('true');
    const lock = new FileLock(path);
    expect(lock.tryAcquire()).toBe(false);
    child.kill('SIGKILL');
    await once(child, 'close');
    expect(lock.tryAcquire()).toBe(true);
    lock.release();
  });

  it('says where it cannot be', () => {
    expect(() => new FileLock(join(root, 'none', 'lock')).tryAcquire()).toThrow(
      expect.objectContaining({ code: 'E_NO_FOLDER' }),
    );
  });
});
