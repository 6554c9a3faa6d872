import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openModel } from '../../../models/open-model.js';
import { ModelRegistry } from '../../../models/registry.js';
import type { Finding } from '../../../src/training/diagnose/index.js';
import { readRun } from '../../../src/training/run/run-folder.js';
import { trainInThread } from '../../../src/training/run/training-thread.js';
import { FileStorage } from '../../../src/tuning/storages/file.js';
import { Study } from '../../../src/tuning/study.js';
import { paretoFront } from '../../../src/tuning/study-view.js';
import { practiceStudy } from '../../../src/tuning/testing/practice.js';
import { checkpointName } from '../../../src/tuning/trainings/checkpoint-name.js';
import { remedied } from '../../../src/tuning/trainings/doctor.js';
import { jobOf } from '../../../src/tuning/trainings/training-objective.js';
import { tune, workersFor } from '../../../src/tuning/trainings/tune.js';
import type { TrialRecord } from '../../../src/tuning/trial.js';
import { tinyPlan } from '../../support/tiny-training.js';
import { writeCorpus } from '../../training/data/synthetic-audio.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tune-'));
  vi.stubEnv('DENOISE_DATA', join(folder, 'data'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

const SPACE = ['lr=1e-4..3e-2:log', 'hidden=4..8'];
const epochsOf = (run: string) => readRun(run).events.filter(({ kind }) => kind === 'epoch');

describe('a study of trainings', () => {
  it('pauses and goes on to the bit: every trial is as far as it came an unbroken training', async () => {
    const plan = tinyPlan({ space: SPACE });
    const { study } = await tune(plan, { study: 'bits', folder: join(folder, 'bits'), workers: 2 });
    const done = study.trials.find(({ state }) => state === 'complete')!;
    expect(done.claims).toBeGreaterThan(1);
    const job = jobOf(plan.request, plan.family, done.params);
    await trainInThread(job, { folder: join(folder, 'unbroken') });
    const losses = epochsOf(join(folder, 'unbroken')).map(
      (epoch) => epoch.kind === 'epoch' && epoch.validationLoss,
    );
    expect(done.reports.map(({ value }) => value)).toEqual(losses);
    expect(done.reports.map(({ step }) => step)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    // A trial that waits at a rung has not been trained a step beyond it.
    for (const { number, reports } of study.trials.filter(({ state }) => state === 'paused')) {
      const run = join(folder, 'bits', 'trials', String(number).padStart(4, '0'));
      const [{ events }, last] = [readRun(run), epochsOf(run).at(-1)!];
      expect(events.at(-1)).toMatchObject({ kind: 'paused', step: last.step });
      expect(reports).toHaveLength(last.epoch);
    }
  });

  it('finds the same with one worker and with three', async () => {
    const of = async (name: string, workers: number) => {
      const plan = tinyPlan({ space: SPACE, stop: { trials: 3 }, epochs: 2 });
      plan.search.pruner = 'none';
      const { study } = await tune(plan, { study: name, folder: join(folder, name), workers });
      return study.trials.map(({ params, values, reports }) => ({ params, values, reports }));
    };
    expect(await of('three', 3)).toEqual(await of('one', 1));
  });

  it('goes on in a copy after its owner was lost, and hears what was trained and not yet reported', async () => {
    const plan = tinyPlan({ space: ['lr=3e-3'], epochs: 4, stop: { trials: 1 } });
    plan.search.pruner = 'none';
    const path = join(folder, 'lost');
    const study = await Study.open(new FileStorage(path), {
      name: 'lost',
      metrics: ['validation loss'],
      space: (s) => void s.ordered('lr', [3e-3]),
    });
    const trial = (await study.ask())!;
    const job = jobOf(plan.request, plan.family, trial.params);
    const run = join(path, 'trials', '0000');
    await trainInThread(job, { folder: run, budget: { untilEpoch: 2 } });
    await trial.report(1, 0.123);
    await study.close();
    const { study: after } = await tune(plan, { study: 'lost', folder: path });
    const [record] = after.trials;
    expect(record).toMatchObject({ state: 'complete', losses: 1 });
    expect(record.reports.map(({ step }) => step)).toEqual([1, 2, 3, 4]);
    expect(record.reports[0].value).toBe(0.123);
    expect(epochsOf(join(path, 'trials', '0000')).length).toBeLessThan(4);
    expect(epochsOf(join(path, 'trials', '0000-2'))).toHaveLength(4);
  });

  it('cross-validates, measures what is asked for, and makes the best model the candidate', async () => {
    const corpus = writeCorpus(folder);
    const plan = tinyPlan({ space: ['batch=2', 'lr=1e-3'], epochs: 1, folds: 2, stop: { trials: 1 } });
    plan.search.pruner = 'none';
    Object.assign(plan, { family: 'lstm', objectives: ['loss', 'cost', 'size'] });
    const tiny = {
      epochs: 1,
      seconds: 0.5,
      stepsPerEpoch: 2,
      validationBatches: 1,
      'model.hidden': 4,
      workers: 0,
      optimizer: 'adam',
      schedulerPatience: 8,
    };
    plan.request = {
      task: 'denoise',
      model: 'lstm',
      clean: corpus.speech,
      noise: corpus.noise,
      device: 'cpu',
      set: tiny,
    };
    const path = join(folder, 'folds');
    const { study, best, candidate } = await tune(plan, {
      study: 'folds',
      folder: path,
      nominateFor: 'radio',
    });
    const [trial] = study.trials;
    expect(trial.reports).toHaveLength(2);
    const [loss, cost, size] = trial.values!;
    expect(loss).toBe(trial.reports[1].value);
    const folds = ['fold-1', 'fold-2'].map((name) => join(path, 'trials', '0000', name));
    const losses = folds.map((run) => {
      const [epoch] = epochsOf(run);
      return epoch.kind === 'epoch' ? epoch.validationLoss! : Number.NaN;
    });
    // What is written of the trial is the mean; the model is that of the better fold.
    const better = folds[losses.indexOf(Math.min(...losses))];
    expect(trial.attributes.result).toMatchObject({ run: better, bestValidationLoss: loss });
    expect(loss).toBeCloseTo((losses[0] + losses[1]) / 2, 12);
    expect(cost).toBeGreaterThan(0);
    const { checkpoint } = await openModel(best!);
    expect(size).toBe(checkpoint.info.parameters);
    expect(paretoFront(study)).toEqual([trial]);
    const kept = join(path, 'checkpoints', 'lstm_bs2_lr0.001_ep1_adam_sp8.onnx');
    expect(readFileSync(best!)).toEqual(readFileSync(kept));
    expect(readFileSync(kept)).toEqual(readFileSync(join(better, 'model.onnx')));
    // It is the candidate, beside the champion; and who serves is as before.
    const { uses, versions } = new ModelRegistry().state();
    expect(candidate).toEqual({ version: checkpoint.info.hash, use: 'radio' });
    expect(uses).toMatchObject({
      radio: { candidate: checkpoint.info.hash, champion: null },
      speech: { candidate: null },
    });
    expect(versions.get(checkpoint.info.hash)).toMatchObject({
      origin: 'tune folds',
      reports: [{ study: 'folds', trial: 0, params: { batch: 2, lr: 1e-3 }, 'validation loss': loss }],
    });
  });

  it('refuses a folder that holds the trainings of another study', async () => {
    const plan = tinyPlan({ space: SPACE, epochs: 1, stop: { trials: 1 } });
    const path = join(folder, 'used');
    await tune(plan, { study: 'first', folder: path });
    rmSync(join(path, 'journal.jsonl'));
    rmSync(join(path, 'snapshot'), { force: true });
    const again = tune(plan, { study: 'second', folder: path });
    await expect(again).rejects.toMatchObject({ code: 'E_FOLDER_USED', hint: expect.any(String) });
  });

  it('refuses to go on with other settings, since no trial would be one with those before', async () => {
    const plan = tinyPlan({ space: SPACE, epochs: 1, stop: { trials: 1 } });
    const options = { study: 'settings', folder: join(folder, 'settings') };
    await tune(plan, options);
    const { study } = await tune({ ...plan, stop: { trials: 2 } }, options);
    expect(study.trials).toHaveLength(2);
    const set = { ...plan.request.set, hidden: 5 };
    for (const other of [
      { ...plan, request: { ...plan.request, set } },
      { ...plan, folds: 2 },
    ])
      await expect(tune(other, options)).rejects.toMatchObject({
        code: 'E_STUDY_DIFFERS',
        message: expect.stringMatching(/hidden|folds/),
      });
  });

  it('ends a trial that diverges, and tries the remedy of the doctor', async () => {
    const plan = tinyPlan({ space: ['lr=1e-3,1'], epochs: 12, doctor: 'restart', stop: { trials: 2 } });
    plan.search = { ...plan.search, sampler: 'grid', pruner: 'none' };
    plan.request.set = { ...plan.request.set, length: 1, batch: 1, 'signal.seconds': 0.1 };
    const { study } = await tune(plan, { study: 'doctor', folder: join(folder, 'doctor') });
    const ill = study.trials.find(({ params }) => params.lr === 1)!;
    expect(ill.state).toBe('pruned');
    const finding = ill.attributes.finding as { code: string; remedy: string } | undefined;
    // Numbers that are not finite are the journal's own reason, before the doctor has one.
    if (finding === undefined)
      return expect(ill.reports.some(({ value }) => !Number.isFinite(value))).toBe(true);
    expect(study.trials.find(({ attributes }) => attributes.remedyOf === ill.number)?.params.lr).toBe(1e-3);
  });
});

describe('the remedy of the doctor', () => {
  const trial = (
    params: TrialRecord['params'],
    distributions: TrialRecord['distributions'],
  ): TrialRecord => ({
    ...practiceStudy(1).trials[0],
    params,
    distributions,
  });
  const finding = (patch: Finding['patch']): Finding => ({
    code: 'diverging',
    severity: 'critical',
    what: '',
    remedy: '',
    evidence: {},
    patch,
  });

  it('is taken into the space, as near as that has it', () => {
    const list = trial(
      { lr: 5e-4 },
      { lr: { kind: 'categorical', choices: [5e-5, 1e-4, 5e-4], ordered: true } },
    );
    expect(remedied(list, finding({ lr: 1.5e-4 }))).toEqual({ lr: 1e-4 });
    const range = trial({ lr: 5e-4 }, { lr: { kind: 'float', low: 1e-5, high: 1e-2 } });
    expect(remedied(range, finding({ lr: 1.5e-4, epochs: 30 }))).toEqual({ lr: 1.5e-4 });
    expect(remedied(range, finding({ lr: 1e-6 }))).toEqual({ lr: 1e-5 });
  });

  it('is none where the space has nothing of it', () => {
    const lowest = trial({ lr: 5e-5 }, { lr: { kind: 'categorical', choices: [5e-5, 1e-4], ordered: true } });
    expect(remedied(lowest, finding({ lr: 1e-5 }))).toBeUndefined();
    expect(remedied(lowest, finding({ clipNorm: 1 }))).toBeUndefined();
  });
});

it('names checkpoints as the guide does, and tells all of the 864 apart', () => {
  const settings = { batch: 8, lr: 1e-4, epochs: 50, optimizer: 'adam', schedulerPatience: 8 };
  const quick = { batch: 8, lr: 1e-4, epochs: 50, optimizer: 'adam' };
  expect(checkpointName('unet1d', settings, quick)).toBe('unet1d_bs8_lr0.0001_ep50_adam_sp8.onnx');
  expect(checkpointName('unet1d', settings, { ...quick, schedulerFactor: 0.3, patience: 25 })).toBe(
    'unet1d_bs8_lr0.0001_ep50_adam_sp8_sf0.3_es25.onnx',
  );
});

it('starts as many workers as cores and memory allow', () => {
  expect(workersFor(1, 8, 64_000)).toBe(8);
  expect(workersFor(4, 8, 64_000)).toBe(2);
  expect(workersFor(1, 8, 2500)).toBe(2);
  expect(workersFor(1, 8, 100)).toBe(1);
});
