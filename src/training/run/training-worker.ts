/** The thread that trains: the runtime blocks it for the length of a step, and the terminal must stay alive meanwhile. */
import type { CallContext } from '../../threads/protocol.js';
import { serveWorker } from '../../threads/serve.js';
import type { Recordings } from '../data/recordings.js';
import type { TrainingEvent } from '../loop/training-events.js';
import type { TrainingJob } from '../tasks/tasks.js';
import type { RunOptions, RunResult } from './run-options.js';
import { runTraining } from './training-run.js';

export interface TrainingMethods {
  train(request: TrainingRequest, context: CallContext<TrainingEvent>): Promise<RunResult>;
}

interface TrainingRequest extends Pick<RunOptions, 'folder' | 'resume' | 'budget' | 'finishPaused'> {
  job: TrainingJob;
  data: Readonly<Record<string, Recordings>>;
}

/** Steps are told ten times a second at most: one can take a millisecond, and nobody looks faster. */
const STEP_INTERVAL_MS = 100;

serveWorker<TrainingMethods>({
  train({ job, ...options }, context) {
    let toldAt = Number.NEGATIVE_INFINITY;
    return runTraining(job, {
      ...options,
      signal: context,
      onEvent(event) {
        if (event.kind === 'step') {
          const now = performance.now();
          if (now - toldAt < STEP_INTERVAL_MS) return;
          toldAt = now;
        }
        context.progress(event);
      },
    });
  },
});
