import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Checkpoint } from '../../models/checkpoint.js';
import { UsageError } from '../errors.js';
import { writeFileAtomically } from '../files/atomic-file.js';
import { type JobRequest, resolveJob } from '../training/run/resolve-job.js';
import { readJob } from '../training/run/run-folder.js';
import { trainInThread } from '../training/run/training-thread.js';
import type { DenoiseJob } from '../training/tasks/denoise.js';
import { StudyFolder } from '../tuning/trainings/study-folder.js';
import { type TuningPlan, tune } from '../tuning/trainings/tune.js';
import { lastReport, type TrialRecord } from '../tuning/trial.js';
import type { ReplayFolders } from './replay.js';

export interface RetuneTrainingOptions {
  champion: Checkpoint;
  /** Folder of captured noise to train on. */
  captured: string;
  replay: ReplayFolders;
  /** Folder for the trials; empty. */
  work: string;
  /** How long to train, seconds. */
  seconds: number;
  /** Trials at the same time, one core each. */
  cores: number;
  /** More settings of the trainings, as `denoise train --set` takes them. */
  set?: Readonly<Record<string, unknown>> | undefined;
  signal?: AbortSignal | undefined;
}

export interface RetuneTrained {
  tuned: Checkpoint;
  trials: number;
  /** Optimiser steps of all trials together. */
  steps: number;
}

/** Share of the recordings that no trial is trained on: trials are compared, and the way back is chosen, on these. */
export const HELD_OUT = 0.1;
export const SEED = 1;

/**
 * The recipe that `base` was made with, as far as a small corpus carries it. The rate rises from zero and falls to zero: a
 * champion stands at the end of such a fall, and a constant rate shakes it out of there.
 */
const SETTINGS = {
  seed: SEED,
  schedule: 'cosine',
  warmup: 0.1,
  minimumLr: 1e-6,
  averageDecay: 0.98,
  batch: 8,
  seconds: 2,
  stepsPerEpoch: 25,
  validationBatches: 4,
  heldOut: HELD_OUT,
  loss: 'voice',
  cleanOnly: 0.05,
  noiseOnly: 0.05,
};
/** What trials vary. All weights move: scales of layers alone lost 0.5 dB, in the noise as on the anchor. */
const SPACE = ['lr=2e-4..1e-3:log', 'replay=0.3,0.4,0.5'];

/**
 * Trials of a study, and how they compete: half of them go on from a quarter of their length, and half of these from a half.
 * The one that is kept has then had nearly half of all the time.
 */
const TRIALS = 4;
const REDUCTION = 2;
/** Steps whose time is measured, and how many of them come first and touch new memory, which takes three times as long. */
const MEASURED_STEPS = 8;
const FIRST_STEPS = 3;

/**
 * Tunes a champion to captured noise by a study of trainings that start from it. Where the user sets all that it would vary,
 * it is one training.
 * @returns the trial with the lowest loss on held-out captured noise
 * @throws UsageError `E_RETUNE_BUDGET` where no epoch fits the time; what training throws
 */
export async function trainCandidate(options: RetuneTrainingOptions): Promise<RetuneTrained> {
  const { champion, captured, replay, work, seconds, cores, signal, set } = options;
  const model = join(work, 'champion.onnx');
  writeFileAtomically(model, champion.bytes);
  const settings = { ...SETTINGS, ...set };
  const request: JobRequest = {
    ...{ task: 'denoise', model, clean: replay.speech, noise: replay.noise, captured, device: 'cpu' },
    set: settings,
  };
  const { family } = champion.info;
  const space = SPACE.filter((word) => !(word.split('=')[0] in { ...set }));
  const trials = space.length === 0 ? 1 : TRIALS;
  const epochs = Number(
    set?.epochs ?? (await epochsThatFit(resolveJob(request, family) as DenoiseJob, trials, options)),
  );
  const plan: TuningPlan = {
    search: {
      ...{ search: 'retune', space, sampler: 'tpe', settings: {} },
      ...(trials === 1
        ? { pruner: 'none', prunerOptions: {} }
        : {
            pruner: 'asha',
            prunerOptions: { minSteps: Math.ceil(epochs / REDUCTION ** 2), reduction: REDUCTION },
          }),
    },
    request: { ...request, set: { ...settings, epochs } },
    ...{ family, doctor: 'off', folds: 1, finishBest: 1 },
    stop: { trials, seconds },
  };
  const study = join(work, 'study');
  const { study: view } = await tune(plan, { study: 'retune', folder: study, workers: cores, signal });
  const best = bestSoFar(view.trials);
  if (best === undefined)
    throw new UsageError('E_RETUNE_BUDGET', `No epoch was trained in ${seconds} s.`, {
      hint: 'Give it more time: --minutes.',
    });
  const run = new StudyFolder(study).runOf(best);
  const made = join(run, 'model.onnx');
  // A trial that was stopped by the budget has a checkpoint and no model yet.
  if (!existsSync(made))
    await trainInThread(readJob(run), {
      ...{ folder: run, resume: true, budget: { untilStep: 0 }, finishPaused: true },
    });
  const epochsMade = view.trials.reduce((sum, trial) => sum + (lastReport(trial)?.step ?? 0), 0);
  return {
    tuned: Checkpoint.parse(readFileSync(made)),
    trials: view.trials.length,
    steps: epochsMade * settings.stepsPerEpoch,
  };
}

/**
 * How many epochs a trial is laid out for, so that the rate of the one that is kept comes down in time. Four trials on their ladder
 * take twice the time of a whole one on one core; on several 1.25 times, the last half being made on one. What is left is for
 * starting them.
 */
async function epochsThatFit(
  job: DenoiseJob,
  trials: number,
  { work, seconds, cores, signal }: RetuneTrainingOptions,
): Promise<number> {
  const times: number[] = [];
  await trainInThread(job, {
    folder: join(work, 'measured'),
    budget: { untilStep: MEASURED_STEPS },
    onEvent: (event) => {
      if (event.kind === 'step' && event.step > FIRST_STEPS) times.push(event.seconds);
    },
    ...(signal && { signal }),
  });
  signal?.throwIfAborted();
  const step = times.sort((a, b) => a - b)[times.length >> 1];
  const share = trials === 1 ? 0.9 : cores === 1 ? 0.45 : 0.7;
  return Math.max(1, Math.floor((share * seconds) / step / job.settings.stepsPerEpoch));
}

/** The trial with the lowest validation loss so far, complete or not. */
function bestSoFar(trials: readonly TrialRecord[]): TrialRecord | undefined {
  const lowest = ({ reports }: TrialRecord): number =>
    Math.min(...reports.map(({ value }) => (Number.isNaN(value) ? Number.POSITIVE_INFINITY : value)));
  return trials
    .filter(({ reports }) => reports.length > 0)
    .reduce<TrialRecord | undefined>(
      (best, trial) => (best === undefined || lowest(trial) < lowest(best) ? trial : best),
      undefined,
    );
}
