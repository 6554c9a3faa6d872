import type { Recordings } from '../data/recordings.js';
import type { TrainingEvent } from '../loop/training-events.js';
import type { TaskResult } from '../tasks/task.js';

/** How far a run may go before it pauses: to whichever comes first. Default: to its end. */
export interface Budget {
  /** Pauses after this epoch, counted over the whole run, from 1. */
  untilEpoch?: number;
  /** Pauses after this optimiser step, counted over the whole run. */
  untilStep?: number;
  /** Pauses after this long from now. */
  seconds?: number;
}

export interface RunOptions {
  /** The run folder. */
  folder: string;
  /** Goes on with the run that is in the folder; else the folder must hold none. Default false. */
  resume?: boolean;
  budget?: Budget;
  /** Once it has aborted the run pauses after the step under way. */
  signal?: { readonly aborted: boolean };
  /** Told of everything that happens, at once. */
  onEvent?(event: TrainingEvent): void;
  /**
   * Makes what the run is for (a model, plots) also when it pauses before its end: for a person, who may want to use what
   * was learnt so far. Default false.
   */
  finishPaused?: boolean;
  /** What was opened of the recordings that the job needs. Default: the run opens them for itself. */
  data?: Readonly<Record<string, Recordings>>;
}

export interface RunResult extends TaskResult {
  /** The run folder. */
  run: string;
  /** The run came to its end, or was stopped early by its patience; false when it paused. */
  finished: boolean;
  stoppedEarly: boolean;
  /** Whole epochs made. */
  epochs: number;
  steps: number;
  bestValidationLoss: number;
}
