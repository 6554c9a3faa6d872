import { type JobRequest, resolveJob } from '../../../src/training/run/resolve-job.js';
import type { TrainingJob } from '../../../src/training/tasks/tasks.js';

/** The frequency task at its smallest: 10 steps an epoch, milliseconds a step, with dropout so that nothing is left to chance. */
const TINY = {
  hidden: 4,
  layers: 2,
  dropout: 0.2,
  length: 20,
  epochs: 4,
  memory: 20,
  averageDecay: 0.9,
  'signal.seconds': 0.2,
  'signal.frequencies': [10, 30],
};

/** @param set settings over those of the tiny job */
export function tinyJob(
  set: Readonly<Record<string, unknown>> = {},
  request: Partial<JobRequest> = {},
): TrainingJob {
  return resolveJob({ task: 'frequency', device: 'cpu', ...request, set: { ...TINY, ...set } }, '');
}
