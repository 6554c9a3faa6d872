import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TrainingEvent } from '../../../src/training/loop/training-events.js';
import { decodeTrainingState } from '../../../src/training/loop/training-state.js';
import { readJob, readRun } from '../../../src/training/run/run-folder.js';
import type { Budget, RunResult } from '../../../src/training/run/run-options.js';
import { runTraining } from '../../../src/training/run/training-run.js';
import { TrainingThread } from '../../../src/training/run/training-thread.js';
import { bits } from '../data/synthetic-audio.js';
import { tinyJob } from './tiny-job.js';

let root: string;
let folders = 0;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'denoise-run-'));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const newFolder = (): string => join(root, `run-${++folders}`);

/** Everything that a later step depends on, as a short text. */
function stateOf(folder: string): Record<string, string> {
  const path = join(folder, 'checkpoints/state.bin');
  const { arrays, progress } = decodeTrainingState(readFileSync(path), path);
  const hashes = Object.entries(arrays).map(([name, array]) => [name, bits(array)]);
  return { ...Object.fromEntries(hashes), progress: JSON.stringify(progress) };
}

/** What is measured, without what depends on the clock. */
function measuredIn(folder: string): unknown[] {
  return readRun(folder).events.flatMap((event) => {
    if (event.kind !== 'step' && event.kind !== 'epoch') return [];
    const { seconds, rssMB, loaderShare, ...rest } = event;
    return [rest];
  });
}

describe('a run', () => {
  it('trains to its end and tells everything, once and as it stands in the folder', async () => {
    const folder = newFolder();
    const events: TrainingEvent[] = [];
    const job = tinyJob();
    const result = await runTraining(job, { folder, onEvent: (event) => events.push(event) });
    expect(result).toMatchObject({ run: folder, finished: true, stoppedEarly: false, epochs: 4, steps: 40 });
    expect(result.tier).toBe('none');
    expect(events.map(({ kind }) => kind)).toEqual([
      'started',
      ...Array.from({ length: 4 }, () => [...Array<string>(10).fill('step'), 'epoch', 'checkpoint']).flat(),
      'checkpoint',
      'ended',
    ]);
    expect(readRun(folder)).toMatchObject({ events, status: 'finished' });
    expect(JSON.parse(JSON.stringify(events))).toEqual(events);
    expect(readJob(folder)).toEqual(job);
  });

  const stretches: [string, Budget[]][] = [
    ['by epochs', [{ untilEpoch: 1 }, { untilEpoch: 3 }]],
    ['in the middle of epochs', [{ untilStep: 3 }, { untilStep: 17 }, { untilStep: 20 }, { untilEpoch: 3 }]],
    ['at once', [{ seconds: 0 }, { untilStep: 0 }, { untilStep: 25 }]],
  ];

  it.each(stretches)('paused %s equals one that never paused, to the bit', async (_, budgets) => {
    const whole = newFolder();
    await runTraining(tinyJob(), { folder: whole });
    const folder = newFolder();
    for (const [i, budget] of budgets.entries()) {
      const result = await runTraining(tinyJob(), { folder, resume: i > 0, budget });
      expect(result.finished).toBe(false);
      expect(readRun(folder)).toMatchObject({ status: 'paused' });
      expect(existsSync(join(folder, 'result.json'))).toBe(false);
    }
    const last = await runTraining(readJob(folder), { folder, resume: true });
    expect(last.finished).toBe(true);
    expect(stateOf(folder)).toEqual(stateOf(whole));
    expect(measuredIn(folder)).toEqual(measuredIn(whole));
  });

  it('pauses where it is asked to, and then makes its results when it is asked for those, too', async () => {
    const folder = newFolder();
    const controller = new AbortController();
    const result = await runTraining(tinyJob(), {
      folder,
      signal: controller.signal,
      finishPaused: true,
      onEvent: (event) => {
        if (event.kind === 'step' && event.step === 12) controller.abort();
      },
    });
    expect(result).toMatchObject({ finished: false, steps: 12, epochs: 1 });
    expect(readRun(folder).events.at(-1)).toEqual({ kind: 'paused', step: 12, epoch: 2, reason: 'asked' });
    expect(readdirSync(folder)).toEqual(expect.arrayContaining(['result.json', 'extraction.png']));
  });

  it('in a thread goes as far and comes out the same, and the thread takes one run after the other', async () => {
    const whole = newFolder();
    await runTraining(tinyJob(), { folder: whole });
    const [one, other] = [newFolder(), newFolder()];
    const thread = new TrainingThread();
    try {
      for (const [i, untilEpoch] of [1, 2, 4].entries()) {
        const results: RunResult[] = [];
        for (const folder of [one, other])
          results.push(await thread.run(tinyJob(), { folder, resume: i > 0, budget: { untilEpoch } }));
        expect(results.map(({ epochs }) => epochs)).toEqual([untilEpoch, untilEpoch]);
      }
      const refused = thread.run(tinyJob(), { folder: one });
      await expect(refused).rejects.toMatchObject({ name: 'UsageError', code: 'E_RUN_EXISTS' });
    } finally {
      await thread.close();
    }
    expect(stateOf(one)).toEqual(stateOf(whole));
    expect(stateOf(other)).toEqual(stateOf(whole));
  });

  it('that its patience ended says so, and goes on when it is given more', async () => {
    const folder = newFolder();
    const job = tinyJob({ patience: 1, lr: 1e-9, averageDecay: 0, freshNoise: false, dropout: 0, epochs: 9 });
    const stubborn = { ...job, settings: { ...job.settings, lr: 0.9 } } as typeof job;
    const result = await runTraining(stubborn, { folder });
    expect(result).toMatchObject({ finished: true, stoppedEarly: true });
    expect(result.epochs).toBeLessThan(9);
    expect(readRun(folder).status).toBe('early-stopped');
    await expect(runTraining(stubborn, { folder, resume: true })).rejects.toMatchObject({
      code: 'E_RUN_FINISHED',
    });
    const patient = { ...stubborn, settings: { ...stubborn.settings, patience: 5 } } as typeof job;
    const budget = { untilEpoch: result.epochs + 1 };
    const more = await runTraining(patient, { folder, resume: true, budget });
    expect(more.epochs).toBe(result.epochs + 1);
  });

  it('whose checkpoint is gone refuses to go on; killed before its first, it begins anew and says so', async () => {
    const folder = newFolder();
    await runTraining(tinyJob(), { folder, budget: { untilEpoch: 1 } });
    rmSync(join(folder, 'checkpoints/state.bin'));
    await expect(runTraining(tinyJob(), { folder, resume: true })).rejects.toMatchObject({
      code: 'E_NO_CHECKPOINT',
    });
    expect(readRun(folder).status).toBe('paused');

    const early = newFolder();
    await runTraining(tinyJob(), { folder: early, budget: { untilStep: 0 } });
    rmSync(join(early, 'checkpoints/state.bin'));
    rmSync(join(early, 'metrics.jsonl'));
    const events: TrainingEvent[] = [];
    await runTraining(tinyJob(), { folder: early, resume: true, onEvent: (event) => events.push(event) });
    expect(events[0]).toMatchObject({ kind: 'started', step: 0, anew: true });

    // Between the record of the first epoch and its checkpoint.
    const between = newFolder();
    await runTraining(tinyJob(), { folder: between, budget: { untilEpoch: 1 } });
    rmSync(join(between, 'checkpoints/state.bin'));
    const metrics = join(between, 'metrics.jsonl');
    const lines = readFileSync(metrics, 'utf8').split('\n');
    const last = lines.findLastIndex((line) => line.includes('"kind":"epoch"'));
    writeFileSync(metrics, `${lines.slice(0, last + 1).join('\n')}\n`);
    events.length = 0;
    await runTraining(tinyJob(), { folder: between, resume: true, onEvent: (event) => events.push(event) });
    expect(events[0]).toMatchObject({ kind: 'started', step: 0, anew: true });
  });

  it('that fails says why, in its folder as well', async () => {
    const folder = newFolder();
    const job = tinyJob({ lr: 1, clipNorm: 1e30, dropout: 0 });
    const events: TrainingEvent[] = [];
    const broken = { ...job, settings: { ...job.settings, lr: 1e38, optimizer: 'adamw', weightDecay: 1 } };
    await expect(
      runTraining(broken as typeof job, { folder, onEvent: (event) => events.push(event) }),
    ).rejects.toMatchObject({ code: 'E_DIVERGED' });
    expect(events.at(-1)).toMatchObject({ kind: 'failed', error: { code: 'E_DIVERGED' } });
    expect(readRun(folder).status).toBe('failed');
  });
});
