import { TrainingError } from '../../errors.js';
import { WorkerClient } from '../../threads/worker-client.js';
import { workerUrl } from '../../threads/worker-url.js';
import type { TrainingJob } from '../tasks/tasks.js';
import type { RunOptions, RunResult } from './run-options.js';
import { openData } from './training-run.js';
import type { TrainingMethods } from './training-worker.js';

/** As {@link RunOptions}; of the events of steps ten a second are told at most. */
export interface ThreadRunOptions extends RunOptions {
  signal?: AbortSignal;
}

/**
 * A thread that trains one job after the other. Recordings are shared with it, not copied. Starting one takes half a
 * second, so a caller with many short runs keeps it.
 */
export class TrainingThread {
  readonly #worker = new WorkerClient<TrainingMethods>(workerUrl(import.meta.url, './training-worker.js'), {
    lost: (why, cause) => new TrainingError('E_TRAINING', `The training thread is gone: ${why}.`, { cause }),
  });

  /** As {@link runTraining}, in the thread. One run at a time. */
  async run(job: TrainingJob, options: ThreadRunOptions): Promise<RunResult> {
    const { folder, resume, budget, finishPaused, signal, onEvent } = options;
    const opened = options.data === undefined ? await openData(job, { onEvent, signal }) : undefined;
    try {
      const data = options.data ?? opened!.data;
      return await this.#worker.call(
        'train',
        { job, folder, resume, budget, finishPaused, data },
        { signal, onProgress: onEvent },
      );
    } finally {
      opened?.release();
    }
  }

  /** Ends the thread after the run that it is at. */
  close(): Promise<void> {
    return this.#worker.stop();
  }
}

/** As {@link runTraining}, in a thread of its own. When `signal` aborts, the run pauses after the step under way. */
export async function trainInThread(job: TrainingJob, options: ThreadRunOptions): Promise<RunResult> {
  const thread = new TrainingThread();
  try {
    return await thread.run(job, options);
  } finally {
    await thread.close();
  }
}
