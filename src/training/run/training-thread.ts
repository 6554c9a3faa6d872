import { Worker } from 'node:worker_threads';
import { TrainingError, UsageError } from '../../errors.js';
import { workerUrl } from '../../threads/worker-url.js';
import type { EpochRecord, StepRecord } from '../loop/training-events.js';
import type { TrainConfig } from './train-config.js';
import type { TrainingRunEvents, TrainingRunResult } from './training-run.js';

export interface TrainingWorkerData {
  folder: string;
  config: TrainConfig;
  resume: boolean;
  /** One Int32; not 0: stop after this step. Shared, because a thread inside the runtime reads no messages. */
  stopFlag: SharedArrayBuffer;
}

type Started = Parameters<NonNullable<TrainingRunEvents['started']>>[0];
type Epoch = EpochRecord & { outputs: Record<string, number>; improved: boolean };

export type TrainingMessage =
  | { kind: 'started'; start: Started }
  | { kind: 'reading'; done: number; total: number }
  | { kind: 'step'; record: StepRecord }
  | { kind: 'epoch'; record: Epoch }
  | { kind: 'warning'; sentence: string }
  | { kind: 'result'; result: TrainingRunResult }
  | { kind: 'error'; code: string; message: string; hint: string | undefined; exitCode: number };

/**
 * Trains in a thread of its own. When `signal` aborts, the step under way is finished, a checkpoint is written and the
 * result says that the run did not finish.
 */
export function trainInThread(
  folder: string,
  config: TrainConfig,
  { resume = false, signal }: { resume?: boolean; signal?: AbortSignal },
  events: TrainingRunEvents = {},
): Promise<TrainingRunResult> {
  const stopFlag = new SharedArrayBuffer(4);
  const workerData: TrainingWorkerData = { folder, config, resume, stopFlag };
  const worker = new Worker(workerUrl(import.meta.url, './training-worker.js'), { workerData });
  const stop = (): void => {
    Atomics.store(new Int32Array(stopFlag), 0, 1);
  };
  if (signal?.aborted) stop();
  signal?.addEventListener('abort', stop, { once: true });
  return new Promise<TrainingRunResult>((resolve, reject) => {
    worker.on('error', (cause) =>
      reject(new TrainingError('E_TRAINING', `Training failed: ${cause.message}`, { cause })),
    );
    worker.on('exit', (code) =>
      reject(new TrainingError('E_TRAINING', `The training thread ended with code ${code}.`)),
    );
    worker.on('message', (message: TrainingMessage) => {
      switch (message.kind) {
        case 'started':
          return events.started?.(message.start);
        case 'reading':
          return events.reading?.(message.done, message.total);
        case 'step':
          return events.step?.(message.record);
        case 'epoch':
          return events.epoch?.(message.record);
        case 'warning':
          return events.warning?.(message.sentence);
        case 'result':
          return resolve(message.result);
        case 'error': {
          const { code, message: text, hint, exitCode } = message;
          return reject(
            exitCode === 2 ? new UsageError(code, text, { hint }) : new TrainingError(code, text, { hint }),
          );
        }
      }
    });
  }).finally(() => {
    signal?.removeEventListener('abort', stop);
    return worker.terminate();
  });
}
