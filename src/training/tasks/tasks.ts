/** Every task by name, and the union of their jobs. A new task is one file in this folder and one line in each list here. */
import type { z } from 'zod';
import { familyByName, parseConfig } from '../../../models/families.js';
import { InputError, UsageError } from '../../errors.js';
import { denoiseTask } from './denoise.js';
import { frequencyTask } from './frequency.js';
import { noiseModelTask } from './noise-model.js';
import type { Task } from './task.js';

const TASKS = {
  denoise: denoiseTask,
  frequency: frequencyTask,
  'noise-model': noiseModelTask,
} as const;

export type TaskName = keyof typeof TASKS;
type JobOf<Name extends TaskName> = (typeof TASKS)[Name] extends Task<infer Job> ? Job : never;

/**
 * A training as a value: everything that decides what comes out of it. Plain JSON; stands in the `config.json` of its run
 * folder. Tell the tasks apart by `task`.
 */
export type TrainingJob = { [Name in TaskName]: JobOf<Name> }[TaskName];

export const TASK_NAMES = Object.keys(TASKS) as TaskName[];

/** @throws UsageError `E_TASK` naming those that exist */
export function taskByName(name: string): Task<TrainingJob> {
  if (!(name in TASKS))
    throw new UsageError('E_TASK', `There is no task "${name}".`, {
      hint: `Choose one of: ${TASK_NAMES.join(', ')}.`,
    });
  // Audio as long as a job goes to the task that its `task` names.
  return TASKS[name as TaskName] as unknown as Task<TrainingJob>;
}

/** What a job makes or trains, for names of files: the family of its model, else the task. */
export const subjectOf = (job: TrainingJob): string => (job.task === 'denoise' ? job.family : job.task);

/**
 * A job as it was read from anywhere, checked and filled in; jobs of all earlier versions are brought to today's form.
 * @param where it was read, for the message
 * @throws InputError `E_RUN_CONFIG` naming everything that is wrong
 */
export function parseJob(value: unknown, where: string): TrainingJob {
  const raw = upgraded(value) as Record<string, unknown>;
  try {
    const job = parsed(taskByName(String(raw.task)).jobSchema, raw);
    return job.task === 'denoise'
      ? {
          ...job,
          modelSettings: parseConfig(familyByName(job.family), job.modelSettings) as Record<string, unknown>,
        }
      : job;
  } catch (cause) {
    if (!(cause instanceof UsageError)) throw cause;
    throw new InputError(
      'E_RUN_CONFIG',
      `${where} is no training that this program can run: ${cause.message}`,
      {
        hint: cause.hint,
        cause,
      },
    );
  }
}

function parsed<Job>(schema: z.ZodType<Job>, value: unknown): Job {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const problems = result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new UsageError('E_CONFIG', `${problems.join('; ')}.`);
}

/** Version 0 had no version, gave every task the parts of all others, and a family where there is none. */
function upgraded(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return {};
  return 'version' in value ? value : { ...value, version: 1 };
}
