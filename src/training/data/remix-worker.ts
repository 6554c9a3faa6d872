import { parentPort, workerData } from 'node:worker_threads';
import { TrainingError } from '../../errors.js';
import { mixBatch } from './batch.js';
import { Remixer, type RemixerOptions } from './remix.js';

/** What the thread is started with. */
export interface RemixWorkerData {
  remixer: RemixerOptions;
  /** Examples per batch. */
  batch: number;
}

if (parentPort === null) {
  throw new TrainingError(
    'E_NOT_A_WORKER',
    'This module mixes batches in a worker thread and was loaded outside one.',
  );
}
const port = parentPort;
const { remixer: options, batch } = workerData as RemixWorkerData;
const remixer = new Remixer(options);

port.on('message', (step: number) => {
  const result = mixBatch(remixer, step, batch, options.samples);
  port.postMessage(result, [result.noisy.buffer, result.clean.buffer, result.snrDb.buffer]);
});
