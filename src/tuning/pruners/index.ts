import { Registry } from '../registry.js';
import { ashaPruner, ashaWithoutResume } from './asha.js';
import { hyperbandPruner } from './hyperband.js';
import { pashaPruner } from './pasha.js';
import { patiencePruner } from './patience.js';
import { medianPruner, percentilePruner } from './percentile.js';
import type { Pruner, PrunerOptions } from './pruner.js';
import { thresholdPruner } from './threshold.js';

/** Pruners by the name that the command line takes; add your own with `pruners.add('mine', (options) => …)`. */
export const pruners = new Registry<(options: PrunerOptions) => Pruner>('pruner', {
  none: () => ({ name: 'none', judge: () => 'continue' }),
  asha: ashaPruner,
  'asha-no-resume': ashaWithoutResume,
  pasha: pashaPruner,
  hyperband: hyperbandPruner,
  median: medianPruner,
  percentile: (options) => percentilePruner(options),
  threshold: thresholdPruner,
  patience: patiencePruner,
});
