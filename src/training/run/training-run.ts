import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { parseDevice, resolveDevice } from '../../engine/device.js';
import { TrainingError, toDenoiseError, UsageError } from '../../errors.js';
import { openRecordings, type RecordingsHandle } from '../data/open-recordings.js';
import type { Recordings } from '../data/recordings.js';
import { Trainer } from '../loop/trainer.js';
import type { TrainingEvent } from '../loop/training-events.js';
import { decodeTrainingState } from '../loop/training-state.js';
import type { OpenTask } from '../tasks/task.js';
import { type TrainingJob, taskByName } from '../tasks/tasks.js';
import { RunDriver, STATE } from './run-driver.js';
import { findCheckpoint, RunFolder, readRun, refuseExistingRun } from './run-folder.js';
import type { RunOptions, RunResult } from './run-options.js';

/**
 * Trains a job in its run folder, from where it stands to its end or to the end of its budget, on the calling thread.
 * A run that paused and went on, here or elsewhere, equals one that never paused, bit for bit. A paused run is nothing
 * but its folder: it keeps no memory.
 *
 * @throws UsageError `E_RUN_EXISTS`, `E_RUN_BUSY`, `E_RUN_FINISHED`. @throws InputError `E_NOT_A_RUN`
 * @throws TrainingError `E_DIVERGED`; `E_NO_CHECKPOINT` when a run whose checkpoint is gone is to go on
 * @throws OutputError `E_NO_SPACE`; the run can go on from its last checkpoint
 */
export async function runTraining(job: TrainingJob, options: RunOptions): Promise<RunResult> {
  const { folder, resume = false } = options;
  const { device, provider } = resolveDevice(parseDevice(job.device));
  if (resume) readRun(folder);
  else refuseExistingRun(folder);
  const task = taskByName(job.task);
  const handles = options.data === undefined ? await openData(job, options) : undefined;
  try {
    const open = await task.open(job, options.data ?? handles!.data);
    const trainer = await createTrainer(job, open, provider, device);
    try {
      const run = resume ? RunFolder.reopen(folder) : RunFolder.create(folder, job);
      try {
        const anew = resume && !restore(run, trainer, job);
        return await new RunDriver(run, trainer, open, job, options).go(device, anew);
      } finally {
        run.close();
      }
    } finally {
      await trainer.close();
    }
  } catch (error) {
    throw toDenoiseError(error, 'Training');
  } finally {
    handles?.release();
  }
}

/** The recordings of a job, opened or shared with others. Give them back with `release`. */
export async function openData(
  job: TrainingJob,
  { onEvent, signal }: { onEvent?(event: TrainingEvent): void; signal?: unknown } = {},
): Promise<{ data: Record<string, Recordings>; release(): void }> {
  const sources = await taskByName(job.task).recordings(job);
  const handles: RecordingsHandle[] = [];
  const release = (): void => {
    for (const handle of handles) handle.release();
  };
  try {
    const data: Record<string, Recordings> = {};
    for (const [name, source] of Object.entries(sources)) {
      const handle = await openRecordings(source, {
        onProgress: (done, total) => onEvent?.({ kind: 'reading', step: 0, epoch: 1, done, total }),
        signal: signal instanceof AbortSignal ? signal : undefined,
      });
      handles.push(handle);
      data[name] = handle.recordings;
    }
    return { data, release };
  } catch (error) {
    release();
    throw error;
  }
}

async function createTrainer(
  { settings: s }: TrainingJob,
  { trainable, start }: OpenTask,
  provider: string,
  device: string,
): Promise<Trainer> {
  const trainer = await Trainer.create(trainable, {
    epochs: s.epochs,
    schedule: s,
    seed: s.seed,
    weightDecay: s.optimizer === 'adamw' ? s.weightDecay : 0,
    clip: s.clipNorm,
    averageDecay: s.averageDecay,
    patience: s.patience === 0 ? undefined : s.patience,
    threads: s.threads,
    providers: [provider],
    lstmLayout: device === 'cpu' ? 'scan' : 'unroll',
  });
  if (start !== undefined) trainer.startFrom(start);
  return trainer;
}

/** Puts a trainer where its run stands. @returns false when the run has no checkpoint yet and begins anew */
function restore(run: RunFolder, trainer: Trainer, job: TrainingJob): boolean {
  const { events, status } = readRun(run.path);
  const path = findCheckpoint(run.path, STATE);
  // The first checkpoint comes after the record of the first epoch. Without it the run was killed before, at most in between,
  // and begins anew, the same as every time.
  if (path === undefined && events.some(({ kind }) => kind === 'checkpoint'))
    throw new TrainingError(
      'E_NO_CHECKPOINT',
      `${run.path} cannot go on: its checkpoint, checkpoints/${STATE}, is gone.`,
      { hint: 'Put it back, or start a new run in another folder.' },
    );
  if (path !== undefined) trainer.restore(decodeTrainingState(readFileSync(path), path));
  if (trainer.finished && (status === 'finished' || status === 'early-stopped'))
    throw new UsageError(
      'E_RUN_FINISHED',
      `${basename(run.path)} is finished: there is nothing to go on with.`,
      { hint: 'Start another run from its model with --model, or ask for more epochs.' },
    );
  run.goOn(trainer.step, job);
  return path !== undefined;
}
