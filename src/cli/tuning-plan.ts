import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { UsageError } from '../errors.js';
import type { JobRequest } from '../training/run/resolve-job.js';
import type { DoctorMode } from '../tuning/trainings/doctor.js';
import type { TuningPlan } from '../tuning/trainings/tune.js';

/** The options of `denoise tune` that decide what is searched and trained. */
export interface PlanOptions {
  space: string[];
  sampler?: string;
  pruner?: string;
  minSteps?: number;
  reduction?: number;
  trials?: number;
  time?: number;
  target?: number;
  stagnation?: number;
  folds?: number;
  objective: string[];
  doctor: string;
  finishBest?: number;
  model?: string;
  task: string;
  clean?: string;
  noise?: string;
  noisy?: string;
  device: string;
  set: string[];
}

/** Trials of a search that has no end of its own. */
const DEFAULT_TRIALS = 40;

/** Small enough that the guide's 8 configurations take minutes. */
const SHORT_TRAINING = { seconds: 1, stepsPerEpoch: 32, validationBatches: 4, averageDecay: 0, warmup: 0 };
const SMALL_UNET = { channels: [16, 24, 32], blocks: 4 };

/**
 * What `denoise tune` asks for, in full.
 * @throws UsageError `E_USAGE`, `E_UNKNOWN_NAME`, `E_SPACE`, `E_SETTING`, `E_NO_DATA`
 */
export async function planOf(search: string, options: PlanOptions): Promise<TuningPlan> {
  const { planSearch } = await import('../tuning/searches/search.js');
  const { doctor, task, minSteps, reduction, sampler, pruner } = options;
  const { taskByName } = await import('../training/tasks/tasks.js');
  const { name } = taskByName(task);
  if (!['off', 'prune', 'restart'].includes(doctor))
    throw new UsageError('E_USAGE', `--doctor ${doctor} is unknown.`, {
      hint: 'Choose prune, restart or off.',
    });
  // The guide's ranges are for denoisers.
  const own = name !== 'denoise' && (search === 'random' || search === 'tpe') ? [name] : undefined;
  const space = options.space.length === 0 ? own : options.space;
  if (options.folds !== undefined && name === 'frequency')
    throw new UsageError('E_USAGE', 'The task frequency has no recordings to make folds of.', {
      hint: 'Leave --folds out, or tune the task denoise.',
    });
  const objectives = objectivesOf(options.objective, name);
  // A pruner sees the loss alone, and would stop what is small or fast.
  const chosen = pruner ?? (objectives.length > 1 ? 'none' : undefined);
  const prunerOptions = { minSteps, reduction };
  const planned = planSearch(search, { space, sampler, pruner: chosen, prunerOptions });
  const { request, family } = await requestOf(planned.settings, planned.space, name, options);
  const endless = planned.sampler !== 'grid';
  const { trials = endless ? DEFAULT_TRIALS : undefined, time: seconds, target, stagnation } = options;
  return {
    search: planned,
    request,
    family,
    objectives,
    doctor: doctor as DoctorMode,
    folds: options.folds ?? 1,
    stop: { trials, seconds, target, stagnation },
    finishBest: options.finishBest ?? 1,
  };
}

/** @throws UsageError `E_UNKNOWN_NAME`, `E_USAGE` */
function objectivesOf(asked: readonly string[], task: string): string[] {
  const names = asked.length === 0 ? ['loss'] : [...new Set(asked)];
  if (task !== 'denoise' && names.some((name) => name !== 'loss'))
    throw new UsageError('E_USAGE', `Trials of the task ${task} make no model to measure.`, {
      hint: 'Leave --objective out, or tune the task denoise.',
    });
  return names;
}

async function requestOf(
  settings: Readonly<Record<string, unknown>>,
  space: readonly string[],
  task: JobRequest['task'],
  options: PlanOptions,
): Promise<{ request: JobRequest; family: string }> {
  const { familyOf, parseOverrides } = await import('../training/run/resolve-job.js');
  const { taskByName } = await import('../training/tasks/tasks.js');
  const { jobOf } = await import('../tuning/trainings/training-objective.js');
  const liquid = space[0].match(/^(cfc|ltc)/)?.[1];
  const model = options.model ?? liquid ?? 'unet1d';
  const small = options.model === undefined && liquid === undefined ? SMALL_UNET : {};
  const defaults = task === 'denoise' ? { ...SHORT_TRAINING, ...small } : {};
  // A worker may run in another folder.
  const absolute = (path: string | undefined): string | undefined => path && resolve(path);
  const request: JobRequest = {
    task,
    model: existsSync(model) ? resolve(model) : model,
    clean: absolute(options.clean),
    noise: absolute(options.noise),
    noisy: absolute(options.noisy),
    device: options.device,
    set: { ...defaults, ...settings, ...parseOverrides(options.set) },
  };
  const family = task === 'denoise' ? await familyOf(model) : task;
  // Says at once what is missing or out of range.
  await taskByName(task).recordings(jobOf(request, family, {}));
  return { request, family };
}
