import { availableParallelism, freemem } from 'node:os';
import { join } from 'node:path';
import { InputError } from '../../errors.js';
import type { EpochEvent } from '../../training/loop/training-events.js';
import type { JobRequest } from '../../training/run/resolve-job.js';
import { openData } from '../../training/run/training-run.js';
import { type Backend, openBackend, STUDIES } from '../open-storage.js';
import { readStudy } from '../read-study.js';
import { runStudy } from '../run-study.js';
import { openPlan, type SearchPlan } from '../searches/search.js';
import type { StopRules } from '../stop-rules.js';
import { Study } from '../study.js';
import { bestTrial, type StudyView } from '../study-view.js';
import type { TrialRecord } from '../trial.js';
import type { DoctorMode } from './doctor.js';
import { StudyFolder } from './study-folder.js';
import { jobOf, trainingObjective } from './training-objective.js';

/** All that a worker must know of a study; stands in its journal. JSON. */
export interface TuningPlan {
  search: SearchPlan;
  request: JobRequest;
  family: string;
  doctor: DoctorMode;
  folds: number;
  stop: StopRules;
  finishBest: number;
}

export interface TuneOptions {
  study: string;
  /** `redis://…`, `postgres://…`; default: files in the folder of the study. */
  storage?: string;
  /** Run folders and checkpoints; shared by all machines. Default `studies/STUDY`. */
  folder?: string;
  /** Trials at the same time. Default: see {@link workersFor}. */
  workers?: number;
  /** Milliseconds after which a worker that does not answer is lost. Default 30 000. */
  leaseMs?: number;
  signal?: AbortSignal;
  onChange?(trial: TrialRecord, study: StudyView): void;
  onEpoch?(trial: number, epoch: EpochEvent, epochs: number): void;
}

export interface TuneResult {
  study: StudyView;
  /** Why it ended, for a reader. */
  reason: string;
  folder: string;
  /** Checkpoint of the best trial, where trials make models. */
  best?: string;
}

/** The key of the plan among the attributes of a study. */
const PLAN = 'plan';

/** Megabytes that one training of a small model takes, with its data. */
const TRIAL_MB = 1000;

/** Trials at the same time: one per core, and no more than fit into the memory that is free. At least 1. */
export function workersFor(
  threads: number,
  cores = availableParallelism(),
  freeMB = freemem() / 1e6,
): number {
  return Math.max(1, Math.min(Math.floor(cores / threads), Math.floor(freeMB / TRIAL_MB)));
}

/**
 * Begins a study of trainings, or goes on with it, until it is done.
 * @param seed of a new study
 * @throws UsageError `E_STUDY_DIFFERS`, `E_STUDY_BUSY`; the signal's reason
 */
export async function tune(plan: TuningPlan, options: TuneOptions, seed = 1): Promise<TuneResult> {
  const backend = await openBackendOf(options);
  const study = await openStudy(backend, options.study, plan, seed);
  try {
    // Another number of trials, say, may be asked for when a study goes on.
    if (JSON.stringify(study.view.attributes[PLAN]) !== JSON.stringify(plan))
      await study.setAttribute(PLAN, plan);
    return await runTrainings(study, backend, plan, options);
  } finally {
    await study.close();
  }
}

/**
 * Works on a study that others have begun, as its journal says.
 * @throws InputError `E_NO_STUDY`
 */
export async function workOn(options: TuneOptions): Promise<TuneResult> {
  const backend = await openBackendOf(options);
  const { attributes, seed } = await readStudy(backend.storage);
  const plan = attributes[PLAN] as TuningPlan | undefined;
  if (plan === undefined)
    throw new InputError(
      'E_NO_STUDY',
      `The study "${options.study}" has no plan that a worker could follow.`,
      {
        hint: 'Begin it with denoise tune.',
      },
    );
  const study = await openStudy(backend, options.study, plan, seed);
  try {
    return await runTrainings(study, backend, plan, options);
  } finally {
    await study.close();
  }
}

function openBackendOf({ storage, study, folder, leaseMs }: TuneOptions): Promise<Backend> {
  return openBackend(storage, study, folder, { leaseMs });
}

function openStudy({ storage }: Backend, name: string, plan: TuningPlan, seed: number): Promise<Study> {
  return Study.open(storage, { name, seed, metrics: ['validation loss'], ...openPlan(plan.search) });
}

async function runTrainings(
  study: Study,
  backend: Backend,
  plan: TuningPlan,
  options: TuneOptions,
): Promise<TuneResult> {
  const { request, family, doctor, folds, stop, finishBest } = plan;
  const { folder = join(STUDIES, options.study), workers, signal, onChange, onEpoch } = options;
  // Recordings are held open as long as the study goes on: every trial shares them.
  const data = await openData(jobOf(request, family, {}), { signal });
  const queue = backend.openQueue();
  try {
    const objective = trainingObjective({ study, folder, request, family, doctor, folds, onEpoch });
    const reason = await runStudy(study, queue, objective, {
      workers: workers ?? workersFor(Number(request.set?.threads ?? 1)),
      stop,
      finishBest,
      signal,
      onChange: (trial) => onChange?.(trial, study.view),
    });
    const model = (bestTrial(study.view)?.attributes.result as { model?: string } | undefined)?.model;
    const best = model === undefined ? undefined : new StudyFolder(folder).keepBest(model, family);
    return { study: study.view, reason, folder, ...(best && { best }) };
  } finally {
    data.release();
    await queue.close();
  }
}
