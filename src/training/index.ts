/**
 * Trainings as values: `import { resolveJob, trainInThread } from 'denoise/training'`.
 *
 * {@link resolveJob} makes a job; {@link trainInThread} trains it in a run folder, from where it stands to its end or to the
 * end of a budget; {@link readRun} and {@link diagnose} say how it went.
 */
export { diagnose, formatDiagnosis } from './diagnose/index.js';
export { formatEvent, parseEvent, type TrainingEvent } from './loop/training-events.js';
export { describeEvent } from './run/describe-event.js';
export { familyOf, type JobRequest, resolveJob } from './run/resolve-job.js';
export { type RunContents, readJob, readRun } from './run/run-folder.js';
export type { Budget, RunOptions, RunResult } from './run/run-options.js';
export type { RunStatus } from './run/run-status.js';
export { openData, runTraining } from './run/training-run.js';
export { TrainingThread, trainInThread } from './run/training-thread.js';
export { TASK_NAMES, type TrainingJob, taskByName } from './tasks/tasks.js';
