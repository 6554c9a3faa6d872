import { lossOf } from '../study-view.js';
import { lastReport } from '../trial.js';
import type { Pruner, PrunerOptions } from './pruner.js';
import { lossUpTo } from './rungs.js';

/**
 * Ends a trial whose best value so far is worse than what a share of the complete trials had at the same step
 * (D. Golovin 2017; 50 % is the median rule).
 */
export function percentilePruner(
  { percentile = 50, startup = 5, minSteps = 5 }: PrunerOptions = {},
  name = 'percentile',
): Pruner {
  return {
    name,
    judge(trial, study) {
      const { step } = lastReport(trial)!;
      if (step < minSteps) return 'continue';
      const losses: number[] = [];
      let complete = 0;
      for (const { state, reports } of study.trials) {
        if (state !== 'complete') continue;
        complete++;
        const same = reports.find((report) => report.step === step);
        if (same !== undefined) losses.push(lossOf(study, same.value));
      }
      if (complete < startup || losses.length === 0) return 'continue';
      losses.sort((a, b) => a - b);
      const place = (percentile / 100) * (losses.length - 1);
      const [low, high] = [losses[Math.floor(place)], losses[Math.ceil(place)]];
      const limit = low === high ? low : low + (high - low) * (place - Math.floor(place));
      return lossUpTo(study, trial, step) > limit ? 'prune' : 'continue';
    },
  };
}

/** Ends a trial that is worse than the median of the complete ones at the same step. */
export function medianPruner(options: PrunerOptions = {}): Pruner {
  return percentilePruner({ ...options, percentile: 50 }, 'median');
}
