import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ClipLibrary, loadLibrary } from '../../../src/training/data/library.js';
import { BatchLoader, type LoaderSettings } from '../../../src/training/data/loader.js';
import { splitLibrary } from '../../../src/training/data/split.js';
import { bits, writeCorpus } from './synthetic-audio.js';

let root: string;
let speech: ClipLibrary;
let noise: ClipLibrary;
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'loader-'));
  const folders = writeCorpus(root);
  speech = (await loadLibrary(folders.speech)).library;
  noise = (await loadLibrary(folders.noise)).library;
});
afterAll(() => rmSync(root, { recursive: true }));

const open = (settings: Partial<LoaderSettings> = {}) =>
  new BatchLoader({ speech, noise, samples: 2000, seed: 3, batch: 3, ...settings });

async function take(loader: BatchLoader, count: number) {
  const batches = [];
  for (let i = 0; i < count; i++) {
    const { step, noisy, clean, snrDb } = await loader.nextBatch();
    batches.push({ step, noisy: bits(noisy), clean: bits(clean), snrDb: bits(snrDb) });
  }
  return batches;
}

describe('BatchLoader', () => {
  it('gives bit-identical batches in order with 0, 1 and 2 workers', async () => {
    const runs = [];
    for (const workers of [0, 1, 2]) {
      const loader = open({ workers });
      runs.push(await take(loader, 7));
      expect(loader.statistics().batches).toBe(7);
      expect(loader.statistics().mixMs).toBeGreaterThan(0);
      await loader.close();
    }
    expect(runs[0].map((batch) => batch.step)).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(runs[0][0].noisy).not.toEqual(runs[0][1].noisy);
    expect(runs[1]).toEqual(runs[0]);
    expect(runs[2]).toEqual(runs[0]);
  });

  it('resumes at any step as if it had come there by itself', async () => {
    const unbroken = open({ workers: 0 });
    const all = await take(unbroken, 9);
    const resumed = open({ workers: 2, firstStep: 5 });
    expect(await take(resumed, 2)).toEqual(all.slice(5, 7));
    resumed.seek(1);
    expect(await take(resumed, 3)).toEqual(all.slice(1, 4));
    resumed.seek(8);
    expect(resumed.step).toBe(8);
    expect(await take(resumed, 1)).toEqual(all.slice(8));
    await resumed.close();
  });

  it('serves several callers at once, a seek between them included', async () => {
    const loader = open({ workers: 2 });
    const first = [loader.nextBatch(), loader.nextBatch(), loader.nextBatch()];
    loader.seek(10);
    const steps = await Promise.all([...first, loader.nextBatch()]);
    expect(steps.map((batch) => batch.step)).toEqual([0, 1, 2, 10]);
    await loader.close();
  });

  it('gives batches away for good: changing one changes no other', async () => {
    const loader = open({ workers: 1 });
    const first = await loader.nextBatch();
    expect([first.noisy.length, first.clean.length, first.snrDb.length]).toEqual([3 * 2000, 3 * 2000, 3]);
    const kept = bits(first.noisy);
    await take(loader, 5);
    expect(bits(first.noisy)).toBe(kept);
    first.noisy.fill(0);
    loader.seek(0);
    expect((await take(loader, 1))[0].noisy).toBe(kept);
    await loader.close();
  });

  it('ends waiting callers with an error on close, and stays closed', async () => {
    const loader = open({ workers: 1, batch: 256 });
    const waiting = loader.nextBatch();
    const outcome = expect(waiting).rejects.toMatchObject({ code: 'E_LOADER_CLOSED' });
    await loader.close();
    await outcome;
    await expect(loader.nextBatch()).rejects.toMatchObject({ code: 'E_LOADER_CLOSED' });
    await loader.close();
  });

  it('refuses settings at once, before any thread starts', () => {
    expect(() => open({ batch: 0 })).toThrow(/batch must be a whole number/);
    const { validation } = splitLibrary(noise, 0, 1);
    expect(() => new BatchLoader({ speech, noise: validation, samples: 4000, seed: 1, batch: 1 })).toThrow(
      /no noise/,
    );
  });

  it('loads pairs like mixtures', async () => {
    const loader = new BatchLoader({
      pairs: { noisy: speech, clean: speech },
      samples: 4000,
      seed: 1,
      batch: 2,
    });
    const { noisy, clean } = await loader.nextBatch();
    expect(bits(noisy)).toBe(bits(clean));
    await loader.close();
  });
});
