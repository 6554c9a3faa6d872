import { lossOf } from '../study-view.js';
import type { Pruner, PrunerOptions } from './pruner.js';

/** Ends a trial that had no better value for `patience` reports (default 10), at or after step `minSteps` (default: the first). */
export function patiencePruner({ patience = 10, minSteps = 0 }: PrunerOptions = {}): Pruner {
  return {
    name: 'patience',
    judge({ reports }, study) {
      let best = 0;
      reports.forEach(({ value }, i) => {
        if (lossOf(study, value) < lossOf(study, reports[best].value)) best = i;
      });
      const idle = reports.length - 1 - best;
      return idle >= patience && reports[reports.length - 1].step >= minSteps ? 'prune' : 'continue';
    },
  };
}
