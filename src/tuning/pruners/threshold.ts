import { UsageError } from '../../errors.js';
import { lastReport } from '../trial.js';
import type { Pruner, PrunerOptions } from './pruner.js';

/** Ends a trial whose value leaves `lower` … `upper` at or after step `minSteps` (default: the first). @throws UsageError `E_PRUNER` without both */
export function thresholdPruner({ lower, upper, minSteps = 0 }: PrunerOptions): Pruner {
  if (lower === undefined && upper === undefined)
    throw new UsageError('E_PRUNER', 'The threshold pruner has no threshold.', {
      hint: 'Give lower, upper or both.',
    });
  return {
    name: 'threshold',
    judge(trial) {
      const { step, value } = lastReport(trial)!;
      const outside =
        value < (lower ?? Number.NEGATIVE_INFINITY) || value > (upper ?? Number.POSITIVE_INFINITY);
      return step >= minSteps && outside ? 'prune' : 'continue';
    },
  };
}
