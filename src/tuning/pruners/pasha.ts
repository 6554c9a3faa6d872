import { lossOf, type StudyView } from '../study-view.js';
import type { TrialRecord } from '../trial.js';
import { halving } from './asha.js';
import type { Pruner, PrunerOptions } from './pruner.js';
import { entrantsOf, Ladder, lossUpTo } from './rungs.js';

/** Share of the distances between trials that swap places again and again which is taken for noise (as published). */
const NOISE_PERCENTILE = 0.9;

/**
 * Progressive ASHA (O. Bohdal 2023): the ladder begins with two rungs, and gets another only while its two highest rungs order the
 * trials differently, by more than the noise of their curves. Where the order settles early, nothing is trained for long.
 */
export function pashaPruner({ minSteps = 5, reduction = 3 }: PrunerOptions = {}): Pruner {
  const ladder = new Ladder(minSteps, reduction);
  return { name: 'pasha', ...halving(ladder, { ceiling: (study) => ceilingOf(ladder, study) }) };
}

/** The highest rung that may be run to: what somebody has reached already, and one more when the order is not settled there. */
export function ceilingOf(ladder: Ladder, study: StudyView): number {
  let highest = 1;
  for (const trial of study.trials) highest = Math.max(highest, ladder.reached(trial));
  const top = entrantsOf(ladder, highest, study).filter(({ trial }) => ladder.reached(trial) >= highest);
  if (top.length < 2) return highest;
  const below = entrantsOf(
    ladder,
    highest - 1,
    study,
    top.map(({ trial }) => trial),
  );
  const noise = noiseOf(
    study,
    top.map(({ trial }) => trial),
    ladder.step(highest),
  );
  const settled = top.every(({ trial }, i) => {
    const loss = below.find((one) => one.trial === trial)!.loss;
    return Math.abs(loss - below[i].loss) <= noise;
  });
  return settled ? highest : highest + 1;
}

/** How far apart trials are whose order changes at least twice on the way to `step`; 0 when none do. */
function noiseOf(study: StudyView, trials: readonly TrialRecord[], step: number): number {
  const distances: number[] = [];
  for (let i = 0; i < trials.length; i++) {
    for (let j = i + 1; j < trials.length; j++) {
      if (orderChanges(study, trials[i], trials[j], step) < 2) continue;
      distances.push(Math.abs(lossUpTo(study, trials[i], step) - lossUpTo(study, trials[j], step)));
    }
  }
  distances.sort((a, b) => a - b);
  return distances[Math.min(distances.length - 1, Math.floor(NOISE_PERCENTILE * distances.length))] ?? 0;
}

function orderChanges(study: StudyView, a: TrialRecord, b: TrialRecord, step: number): number {
  let changes = 0;
  let sign = 0;
  const values = new Map(b.reports.map((report) => [report.step, report.value]));
  for (const report of a.reports) {
    const other = values.get(report.step);
    if (report.step > step || other === undefined) continue;
    const now = Math.sign(lossOf(study, report.value) - lossOf(study, other));
    if (now !== 0 && sign !== 0 && now !== sign) changes++;
    if (now !== 0) sign = now;
  }
  return changes;
}
