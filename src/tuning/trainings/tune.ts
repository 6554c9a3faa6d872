import { availableParallelism, freemem } from 'node:os';
import { join } from 'node:path';
import type { ModelUse } from '../../../models/use.js';
import { InputError, UsageError } from '../../errors.js';
import type { EpochEvent } from '../../training/loop/training-events.js';
import type { JobRequest } from '../../training/run/resolve-job.js';
import { experimentOf } from '../analyse/analysis.js';
import { type Backend, openBackend, STUDIES } from '../open-storage.js';
import { readStudy } from '../read-study.js';
import { runStudy } from '../run-study.js';
import { openPlan, SEARCHES, type SearchPlan } from '../searches/search.js';
import type { StopRules } from '../stop-rules.js';
import { Study } from '../study.js';
import { bestTrial, type StudyView } from '../study-view.js';
import type { TrialRecord } from '../trial.js';
import type { DoctorMode } from './doctor.js';
import { type Nomination, nominate } from './nominate.js';
import { objectives } from './objectives.js';
import { StudyFolder } from './study-folder.js';
import { jobOf, trainingObjective } from './training-objective.js';
import { TrainingPool } from './training-pool.js';

/** All that a worker must know of a study; stands in its journal. JSON. */
export interface TuningPlan {
  search: SearchPlan;
  request: JobRequest;
  family: string;
  /** What is measured of every trained model; the first one decides which is best. Default: its loss. */
  objectives?: readonly string[];
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
  /** Use whose candidate in the registry the best model becomes. Default: none. */
  nominateFor?: ModelUse;
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
  candidate?: Nomination;
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
 * @throws UsageError `E_STUDY_DIFFERS`, `E_STUDY_BUSY`, `E_FOLDER_USED`; the signal's reason
 */
export function tune(plan: TuningPlan, options: TuneOptions, seed = 1): Promise<TuneResult> {
  return withBackend(options, async (backend) => {
    const study = await openStudy(backend, options.study, plan, seed);
    refuseOtherTrainings(study.view, plan);
    // Another number of trials, say, may be asked for when a study goes on.
    if (JSON.stringify(study.view.attributes[PLAN]) !== JSON.stringify(plan))
      await study.setAttribute(PLAN, plan);
    const result = await runTrainings(study, backend, plan, options);
    const { nominateFor: use } = options;
    const trial = bestTrial(study.view);
    if (use === undefined || result.best === undefined || trial === undefined) return result;
    return { ...result, candidate: await nominate(result.best, trial, study.view, use) };
  });
}

/**
 * Works on a study that others have begun, as its journal says.
 * @throws InputError `E_NO_STUDY`
 */
export function workOn(options: TuneOptions): Promise<TuneResult> {
  return withBackend(options, async (backend) => {
    const { attributes, seed } = await readStudy(backend.storage);
    const plan = attributes[PLAN] as TuningPlan | undefined;
    if (plan === undefined)
      throw new InputError(
        'E_NO_STUDY',
        `The study "${options.study}" has no plan that a worker could follow.`,
        { hint: 'Begin it with denoise tune.' },
      );
    const study = await openStudy(backend, options.study, plan, seed);
    return runTrainings(study, backend, plan, options);
  });
}

/** The connection to a server is closed however the work ends: an open one would keep the process alive. */
async function withBackend<T>(
  { storage, study, folder, leaseMs }: TuneOptions,
  work: (backend: Backend) => Promise<T>,
): Promise<T> {
  const backend = await openBackend(storage, study, folder, { leaseMs });
  try {
    return await work(backend);
  } finally {
    await backend.storage.close();
  }
}

function openStudy({ storage }: Backend, name: string, plan: TuningPlan, seed: number): Promise<Study> {
  const { objectives: names = ['loss'], search } = plan;
  const metrics = names.map((objective) => objectives.get(objective).metric);
  const directions = names.map(() => 'minimise' as const);
  return Study.open(storage, { name, seed, metrics, directions, ...openPlan(search) });
}

/** What a trial is worth depends on. Recordings may have moved, and how long a study searches, and how patiently, may change. */
const decisive = ({ request, family, folds, objectives = ['loss'] }: TuningPlan): Record<string, unknown> => {
  const { task, model, preset, exclude, set } = request;
  return { ...set, task, model, preset, exclude, family, folds, objectives };
};

/** @throws UsageError `E_STUDY_DIFFERS` when trials of `plan` could not be compared with those that the study has */
function refuseOtherTrainings({ name, attributes }: StudyView, plan: TuningPlan): void {
  const kept = attributes[PLAN] as TuningPlan | undefined;
  if (kept === undefined) return;
  const [before, now] = [decisive(kept), decisive(plan)];
  const names = [...new Set([...Object.keys(before), ...Object.keys(now)])];
  const differing = names.filter((key) => JSON.stringify(before[key]) !== JSON.stringify(now[key]));
  if (differing.length === 0) return;
  throw new UsageError(
    'E_STUDY_DIFFERS',
    `The study "${name}" was begun with other trainings: ${differing.join(', ')}.`,
    { hint: 'Give the new study another name with --study.' },
  );
}

/** @throws UsageError `E_FOLDER_USED` when trainings lie in a folder although none of this study has begun */
async function refuseUsedFolder(study: Study, folder: string): Promise<void> {
  const { holdsTrials } = new StudyFolder(folder);
  // Read after the look: a worker elsewhere says that it begins before it makes a folder.
  await study.sync();
  if (!holdsTrials || study.trials.some(({ claims }) => claims > 0)) return;
  throw new UsageError('E_FOLDER_USED', `${folder} holds the trainings of another study.`, {
    hint: 'Name another folder with --folder, or remove that one.',
  });
}

async function runTrainings(
  study: Study,
  backend: Backend,
  plan: TuningPlan,
  options: TuneOptions,
): Promise<TuneResult> {
  const { request, family, doctor, folds, stop, finishBest, search } = plan;
  const { folder = join(STUDIES, options.study), workers, signal, onChange, onEpoch } = options;
  await refuseUsedFolder(study, folder);
  const pool = new TrainingPool();
  const queue = backend.openQueue();
  try {
    // Recordings that cannot be read end the study here, not each trial by itself.
    await pool.open(jobOf(request, family, {}), signal);
    const objective = trainingObjective({
      ...{ study, pool, folder, request, family, doctor, folds, onEpoch },
      objectives: plan.objectives,
    });
    const reason = await runStudy(study, queue, objective, {
      workers: workers ?? workersFor(Number(request.set?.threads ?? 1)),
      stop,
      finishBest,
      signal,
      onChange: (trial) => onChange?.(trial, study.view),
    });
    const trial = SEARCHES[search.search]?.measures ? undefined : bestTrial(study.view);
    const model = trial && experimentOf(trial)?.model;
    const best = model && new StudyFolder(folder).keepBest(model, family);
    return { study: study.view, reason, folder, ...(best && { best }) };
  } finally {
    await pool.close();
    await queue.close();
  }
}
