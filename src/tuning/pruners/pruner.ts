import type { StudyView } from '../study-view.js';
import type { TrialRecord } from '../trial.js';

/** What becomes of a running trial: it goes on, it stops with a checkpoint and may be promoted later, or it ends for good. */
export type Verdict = 'continue' | 'pause' | 'prune';

/**
 * Decides which trials are worth going on with.
 *
 * Contract:
 * - Answers depend on the arguments alone; the study already holds the report that is judged.
 * - `judge` is asked after every report of a running trial, by whoever runs it; `promote` by whoever is free.
 * - A trial that is paused comes back only through `promote`. What `promote` names is paused at that moment.
 * - Values that are not numbers never reach a pruner as good ones: the study prunes such trials itself.
 *
 * `prunerChecks` in `denoise/tuning/testing` check all this.
 */
export interface Pruner {
  readonly name: string;
  judge(trial: TrialRecord, study: StudyView): Verdict;
  /** Number of the paused trial that is to go on first; `undefined` when none is. */
  promote?(study: StudyView): number | undefined;
  /** The step of the next judgement that may stop the trial, where it is known: until there it need not be asked. */
  nextRung?(trial: TrialRecord, study: StudyView): number | undefined;
}

/** Steps are what the study reports: epochs of a training. */
export interface PrunerOptions {
  /** Step before which nothing is stopped; of ASHA the lowest rung. Default 5. */
  minSteps?: number;
  /** Of `n` trials at a rung, n / reduction go on. Default 3. */
  reduction?: number;
  /** Trials that end before any is stopped; of pruners that compare with complete ones. Default 5. */
  startup?: number;
  /** Of `percentile`: the share of trials, in percent, that must be worse. Default 50. */
  percentile?: number;
  /** Of `threshold`: values outside end the trial. */
  lower?: number;
  upper?: number;
  /** Of `patience`: reports without a better value that end the trial. Default 10. */
  patience?: number;
}
