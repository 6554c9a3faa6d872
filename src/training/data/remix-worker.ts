import { parentPort, workerData } from 'node:worker_threads';
import { TrainingError } from '../../errors.js';
import { createExampleSource, type ExampleOptions, mixBatch } from './batch.js';

/** What the thread is started with. */
export interface RemixWorkerData {
  examples: ExampleOptions;
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
const { examples, batch } = workerData as RemixWorkerData;
const source = createExampleSource(examples);

port.on('message', (step: number) => {
  const result = mixBatch(source, step, batch, examples.samples);
  port.postMessage(result, [result.noisy.buffer, result.clean.buffer, result.snrDb.buffer]);
});
