import type { StudyView } from '../study-view.js';
import type { TrialRecord } from '../trial.js';
import type { Pruner, PrunerOptions, Verdict } from './pruner.js';
import { bestOf, entrantsOf, Ladder } from './rungs.js';

/** What {@link halving} is told beside the ladder. */
interface Halving {
  /** Trials that compete with this one. Default: all. */
  among?(trial: TrialRecord, study: StudyView): readonly TrialRecord[];
  /** The highest rung that may be run to. Default: none. */
  ceiling?(study: StudyView): number;
}

/** Whether a trial is among the best n / reduction of those who have reached a rung, or as good as the last of them. */
function isPromoted(
  ladder: Ladder,
  rung: number,
  trial: TrialRecord,
  study: StudyView,
  trials: readonly TrialRecord[],
): boolean {
  const entrants = entrantsOf(ladder, rung, study, trials);
  const best = bestOf(entrants, Math.floor(entrants.length / ladder.reduction));
  return best.some((one) => one.trial.number === trial.number);
}

/** The judgements of successive halving on one ladder. */
export function halving(
  ladder: Ladder,
  { among = (_, study) => study.trials, ceiling = () => Number.POSITIVE_INFINITY }: Halving = {},
) {
  return {
    judge(trial: TrialRecord, study: StudyView): Verdict {
      const rung = ladder.justReached(trial);
      if (rung === undefined) return 'continue';
      return rung < ceiling(study) && isPromoted(ladder, rung, trial, study, among(trial, study))
        ? 'continue'
        : 'pause';
    },
    /** The best paused trial of the highest rung that is among the best there. */
    promote(study: StudyView, trials: readonly TrialRecord[] = study.trials): number | undefined {
      const highest = ceiling(study);
      const paused = trials
        .filter(({ state }) => state === 'paused')
        .map((trial) => ({ trial, rung: ladder.reached(trial) }))
        .filter(({ rung }) => rung >= 0 && rung < highest);
      for (let rung = Math.max(-1, ...paused.map((one) => one.rung)); rung >= 0; rung--) {
        const here = new Set(paused.filter((one) => one.rung === rung).map(({ trial }) => trial.number));
        if (here.size === 0) continue;
        const entrants = entrantsOf(ladder, rung, study, trials);
        const best = bestOf(entrants, Math.floor(entrants.length / ladder.reduction)).find((one) =>
          here.has(one.trial.number),
        );
        if (best !== undefined) return best.trial.number;
      }
      return undefined;
    },
    nextRung: (trial: TrialRecord): number => ladder.step(ladder.reached(trial) + 1),
  };
}

/**
 * Asynchronous successive halving (L. Li 2020) as it was meant: a trial that is not among the best third at a rung stops with a
 * checkpoint, and goes on from there once enough worse ones have come. No trial waits for others, and none is judged by being first.
 */
export function ashaPruner({ minSteps = 5, reduction = 3 }: PrunerOptions = {}): Pruner {
  return { name: 'asha', ...halving(new Ladder(minSteps, reduction)) };
}

/** Asynchronous successive halving without resuming, as in tuners that cannot pause: what is not promoted at once is lost. */
export function ashaWithoutResume({ minSteps = 5, reduction = 3 }: PrunerOptions = {}): Pruner {
  const ladder = new Ladder(minSteps, reduction);
  return {
    name: 'asha-no-resume',
    judge(trial, study) {
      const rung = ladder.justReached(trial);
      if (rung === undefined) return 'continue';
      const entrants = entrantsOf(ladder, rung, study);
      // The first few are compared with too few to be the best third of them: they go on when they are the best so far.
      const best = bestOf(entrants, Math.max(1, Math.floor(entrants.length / reduction)));
      return best.some((one) => one.trial.number === trial.number) ? 'continue' : 'prune';
    },
    nextRung: (trial) => ladder.step(ladder.reached(trial) + 1),
  };
}
