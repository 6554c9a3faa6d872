/** The thread that trains: the runtime blocks it for the length of a step, and the terminal must stay alive meanwhile. */
import { parentPort, workerData } from 'node:worker_threads';
import { toDenoiseError } from '../../errors.js';
import { runTraining } from './training-run.js';
import type { TrainingMessage, TrainingWorkerData } from './training-thread.js';

const { folder, config, resume, stopFlag } = workerData as TrainingWorkerData;
const flag = new Int32Array(stopFlag);
const post = (message: TrainingMessage): void => parentPort!.postMessage(message);

/** Progress is shown ten times a second at most; a step can take a millisecond. */
const MESSAGE_INTERVAL_MS = 100;
let lastStepMessage = 0;

try {
  const result = await runTraining(
    folder,
    config,
    { resume, stopped: () => Atomics.load(flag, 0) !== 0 },
    {
      started: ({ data, ...start }) =>
        post({ kind: 'started', start: { ...start, data: data && { ...data, start: undefined } } }),
      reading: (done, total) => post({ kind: 'reading', done, total }),
      step: (record) => {
        const now = performance.now();
        if (now - lastStepMessage < MESSAGE_INTERVAL_MS) return;
        lastStepMessage = now;
        post({ kind: 'step', record });
      },
      epoch: (record) => post({ kind: 'epoch', record }),
      warning: (sentence) => post({ kind: 'warning', sentence }),
    },
  );
  post({ kind: 'result', result });
} catch (error) {
  const { code, message, hint, exitCode } = toDenoiseError(error, 'Training');
  post({ kind: 'error', code, message, hint, exitCode });
}
