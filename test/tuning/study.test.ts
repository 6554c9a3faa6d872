import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from 'vitest';
import { ashaPruner } from '../../src/tuning/pruners/asha.js';
import { readStudy } from '../../src/tuning/read-study.js';
import { gridSampler } from '../../src/tuning/samplers/grid.js';
import { randomSampler } from '../../src/tuning/samplers/random.js';
import type { Space } from '../../src/tuning/space.js';
import { MemoryStorage } from '../../src/tuning/storages/memory.js';
import { Study, type StudyOptions } from '../../src/tuning/study.js';
import type { StudyView } from '../../src/tuning/study-view.js';
import { PRACTICE_SPACE, practiceLoss } from '../../src/tuning/testing/practice.js';
import { coded } from '../cli/support/coded.js';

const space: Space = PRACTICE_SPACE;
const open = (storage = new MemoryStorage(), options: Partial<StudyOptions> = {}) =>
  Study.open(storage, { space, ...options });

/** Asks, computes and tells `count` times. */
async function work(study: Study, count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    const trial = (await study.ask())!;
    await trial.complete([practiceLoss(trial.params)]);
  }
}

const configurations = (study: Study) => study.trials.map(({ params, seed }) => ({ params, seed }));

describe('a study', () => {
  it('is the same for the same seed, and another one for another', async () => {
    const [one, same, other] = [await open(), await open(), await open(undefined, { seed: 2 })];
    for (const study of [one, same, other]) await work(study, 25);
    expect(configurations(same)).toEqual(configurations(one));
    expect(configurations(other)).not.toEqual(configurations(one));
  });

  it('goes on as if it had never been closed', async () => {
    const whole = await open();
    await work(whole, 30);
    const storage = new MemoryStorage();
    await work(await open(storage), 13);
    const second = await open(storage, { seed: 99 });
    await work(second, 17);
    expect(configurations(second)).toEqual(configurations(whole));
    expect(second.best!.number).toBe(whole.best!.number);
  });

  it('refuses another space or other objectives under its name', async () => {
    const storage = new MemoryStorage();
    await open(storage);
    const another: Space = (suggest) => suggest.int('layers', 1, 2);
    await expect(open(storage, { space: another })).rejects.toEqual(coded('E_STUDY_DIFFERS'));
    await expect(open(storage, { directions: ['maximise'] })).rejects.toEqual(coded('E_STUDY_DIFFERS'));
    await expect(readStudy(new MemoryStorage())).rejects.toMatchObject({ code: 'E_NO_STUDY' });
  });

  it('runs what is enqueued first, with what was left out drawn', async () => {
    const study = await open();
    await study.enqueue({ lr: 1e-3, layers: 2, optimizer: 'adam' }, { from: 'the guide' });
    const trial = (await study.ask())!;
    expect(trial.params).toMatchObject({ lr: 1e-3, layers: 2, optimizer: 'adam' });
    expect(trial.params).toHaveProperty('hidden');
    expect(trial.record.attributes).toEqual({ from: 'the guide' });
    await expect(study.enqueue({ lr: 5 })).rejects.toEqual(coded('E_PARAMS'));
  });

  it('keeps attributes and notes', async () => {
    const storage = new MemoryStorage();
    const study = await open(storage);
    await work(study, 1);
    await study.setAttribute('note', 'first try');
    await study.setAttribute('note', 'looks good', 0);
    const view = await readStudy(storage);
    expect(view.attributes).toEqual({ note: 'first try' });
    expect(view.trials[0].attributes).toEqual({ note: 'looks good' });
  });

  it('answers NaN with prune, and repeated steps with continue', async () => {
    const study = await open(undefined, { pruner: ashaPruner({ minSteps: 1 }) });
    const trial = (await study.ask())!;
    expect(await trial.report(1, 0.5)).toBe('pause');
    await trial.pause();
    expect(study.trials[0].state).toBe('paused');
    await study.finishBest();
    const again = (await study.ask())!;
    expect(again.number).toBe(0);
    expect(await again.report(1, 0.7)).toBe('continue');
    expect(await again.report(2, Number.NaN)).toBe('prune');
    await again.prune();
    expect(study.trials[0].reports).toEqual([
      { step: 1, value: 0.5 },
      { step: 2, value: Number.NaN },
    ]);
  });

  it('ends a grid with its last configuration', async () => {
    const small: Space = (suggest) => suggest.ordered('batch', [8, 16, 32]);
    const study = await open(undefined, { space: small, sampler: gridSampler() });
    for (let i = 0; i < 3; i++) expect(await study.ask()).toBeDefined();
    expect(await study.ask()).toBeUndefined();
    expect(study.trials.map(({ params }) => params.batch)).toEqual([8, 16, 32]);
  });

  it('has a front of several objectives, and leaves out what breaks a constraint', async () => {
    const study = await open(undefined, { directions: ['minimise', 'maximise'], sampler: randomSampler() });
    const results: [number[], number[]][] = [
      [[1, 1], [-1]],
      [[2, 2], [-1]],
      [[2, 1], [-1]],
      [[0, 9], [0.1]],
    ];
    for (const [values, constraints] of results) await (await study.ask())!.complete(values, constraints);
    expect(study.front.map(({ number }) => number)).toEqual([0, 1]);
    expect(study.best!.number).toBe(0);
  });

  it('gives a trial to one of those who ask at the same time', async () => {
    const storage = new MemoryStorage();
    const studies = await Promise.all([open(storage), open(storage), open(storage)]);
    const trials = await Promise.all(Array.from({ length: 12 }, (_, i) => studies[i % 3].ask()));
    expect(new Set(trials.map((trial) => trial!.number)).size).toBe(12);
  });

  it('lets nobody but the owner speak', async () => {
    const storage = new MemoryStorage();
    const [frozen, other] = [await open(storage), await open(storage)];
    const lost = (await frozen.ask())!;
    const taken = (await other.claim(lost.number, true))!;
    expect(await lost.report(1, 1)).toBe('lost');
    expect(await lost.complete([0])).toBe(false);
    expect(await taken.complete([5])).toBe(true);
    expect(await taken.complete([6])).toBe(false);
    expect(other.trials[0]).toMatchObject({ state: 'complete', values: [5], losses: 1, claims: 2 });
    await frozen.sync();
    expect(frozen.trials).toEqual(other.trials);
  });

  it('gives up a trial that takes its owners with it', async () => {
    const study = await open();
    await study.ask();
    for (let i = 0; i < 4; i++) expect(await study.claim(0, true)).toBeDefined();
    expect(await study.claim(0, true)).toBeUndefined();
    expect(study.trials[0]).toMatchObject({ state: 'failed', error: { code: 'E_TRIAL_LOST' } });
  });

  it('refuses a journal of a newer version, and a damaged one', async () => {
    const newer = new MemoryStorage();
    await newer.appendLogs(['{"op":"study","version":99,"id":"x","time":0,"name":"new"}']);
    await expect(open(newer)).rejects.toMatchObject({ code: 'E_JOURNAL_VERSION' });
    const damaged = new MemoryStorage();
    await open(damaged);
    await damaged.appendLogs(['{"op":']);
    await expect(open(damaged)).rejects.toMatchObject({ code: 'E_JOURNAL' });
  });

  it('reads a journal of version 1', async () => {
    const storage = new MemoryStorage();
    const text = readFileSync(new URL('../fixtures/tuning/journal-1.jsonl', import.meta.url), 'utf8');
    await storage.appendLogs(text.trimEnd().split('\n'));
    const { trials, attributes } = await readStudy(storage);
    expect(trials.map(({ state }) => state)).toEqual([
      'complete',
      'paused',
      'pruned',
      'failed',
      'waiting',
      'running',
    ]);
    expect(trials[0]).toMatchObject({
      values: [0.5],
      constraints: [-1],
      reports: [{ step: 1, value: 0.75 }],
    });
    expect(trials[2].reports[0].value).toBe(Number.NaN);
    expect(attributes).toEqual({ note: 'kept' });
  });

  it('opens from a snapshot as from the whole journal', async () => {
    const storage = new MemoryStorage();
    const study = await open(storage, { sampler: randomSampler() });
    await work(study, 3);
    const trial = (await study.ask())!;
    for (let step = 1; step <= 20_000; step++)
      await trial.report(step, step === 7 ? Number.POSITIVE_INFINITY : 1 / step);
    expect(await storage.loadSnapshot()).toBeDefined();
    await trial.complete([0]);
    const whole = new MemoryStorage();
    await whole.appendLogs((await storage.readLogs(0)).records);
    const [fast, slow] = [await readStudy(storage), await readStudy(whole)];
    // The proof of a claim is not kept longer than the trial runs.
    const lasting = ({ trials }: StudyView) => trials.map(({ token, ...rest }) => rest);
    // Not toEqual: 20 000 reports would be printed.
    expect(isDeepStrictEqual(lasting(fast), lasting(slow))).toBe(true);
  });
});
