import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { NoiseStore } from '../../src/online/noise-store.js';
import { Random } from '../../src/random.js';
import { readMono } from '../../src/training/data/clip-reader.js';
import { startModule } from '../files/support/run-module.js';

const RATE = 16_000;

let data: string;
beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), 'denoise-noise-kill-'));
});
afterEach(() => rmSync(data, { recursive: true, force: true }));

/** White noise of a second, keeping of which the process does not survive: SIGKILL right before the given step. */
const KILLED_BEFORE = `
  import fs from 'node:fs';
  import { syncBuiltinESMExports } from 'node:module';
  const [, data, last] = process.argv;
  let step = 0;
  let counting = false;
  const watched = [[fs, 'openSync'], [fs, 'writeSync'], [fs, 'fsyncSync'], [fs, 'renameSync'], [fs, 'closeSync'], [fs.promises, 'open']];
  for (const [owner, name] of watched) {
    const real = owner[name];
    owner[name] = (...args) => {
      if (counting && step++ === Number(last)) process.kill(process.pid, 'SIGKILL');
      return real.apply(owner, args);
    };
  }
  syncBuiltinESMExports();
  const { NoiseStore } = await import('@/online/noise-store.js');
  const { Random } = await import('@/random.js');
  const random = new Random(Number(last));
  const samples = Float32Array.from({ length: 16000 }, () => 0.1 * random.normal());
  const store = new NoiseStore(data);
  await import('koffi');
  counting = true;
  await store.add(samples, 16000, 'shack', { source: 'test' });
  counting = false;
  console.log('finished');
`;

it('lists whole pieces only, whichever step the process is killed at, and removes what the killed left', async () => {
  let step = 0;
  for (let finished = false; !finished; step++) {
    const child = startModule(KILLED_BEFORE, [data, `${step}`]);
    let said = '';
    child.stdout!.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    await once(child, 'close');
    finished = said.includes('finished');
    const store = new NoiseStore(data);
    for (const { hash } of store.list()) expect(await readMono(store.pathOf(hash), RATE)).toHaveLength(RATE);
  }
  expect(step).toBeGreaterThan(4);

  const pieces = join(data, 'noise', 'pieces');
  const left = () => readdirSync(pieces).length;
  const store = new NoiseStore(data);
  const fresh = left();
  expect(fresh).toBeGreaterThan(store.list().length);
  const add = async (seed: number): Promise<void> => {
    const random = new Random(1000 + seed);
    const samples = Float32Array.from({ length: RATE }, () => 0.1 * random.normal());
    await store.add(samples, RATE, 'shack', { source: 'test' });
  };
  // Another process may be about to write their lines.
  await add(1);
  expect(left()).toBe(fresh + 1);
  const hourAgo = Date.now() / 1000 - 3600;
  for (const file of readdirSync(pieces)) utimesSync(join(pieces, file), hourAgo, hourAgo);
  await add(2);
  expect(left()).toBe(store.list().length);
}, 600_000);
