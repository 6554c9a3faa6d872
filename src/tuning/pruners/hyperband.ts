import { hashText, Random } from '../../random.js';
import type { StudyView } from '../study-view.js';
import type { TrialRecord } from '../trial.js';
import { halving } from './asha.js';
import type { Pruner, PrunerOptions } from './pruner.js';
import { Ladder } from './rungs.js';

/** Brackets: the lowest rung of the last one is `reduction`^3 times that of the first. */
const BRACKETS = 4;

/**
 * Hyperband (L. Li 2018), asynchronous: four ladders that begin ever higher, for trials that look bad early and end well. A trial
 * belongs to one of them by its number; the ones that stop early get more trials, so that all cost about the same.
 */
export function hyperbandPruner({ minSteps = 5, reduction = 3 }: PrunerOptions = {}): Pruner {
  const weights = Array.from({ length: BRACKETS }, (_, bracket) => {
    const rungs = BRACKETS - 1 - bracket;
    return Math.ceil((BRACKETS * reduction ** rungs) / (rungs + 1));
  });
  const sum = weights.reduce((a, b) => a + b, 0);
  const bracketOf = ({ number }: TrialRecord): number => {
    let rest = new Random(hashText('bracket'), number).integer(sum);
    let bracket = 0;
    while (rest >= weights[bracket]) rest -= weights[bracket++];
    return bracket;
  };
  const members = (study: StudyView, bracket: number) =>
    study.trials.filter((trial) => bracketOf(trial) === bracket);
  const brackets = weights.map((_, bracket) =>
    halving(new Ladder(minSteps * reduction ** bracket, reduction), {
      among: (_trial, study) => members(study, bracket),
    }),
  );
  return {
    name: 'hyperband',
    judge: (trial, study) => brackets[bracketOf(trial)].judge(trial, study),
    promote(study) {
      for (let bracket = 0; bracket < BRACKETS; bracket++) {
        const number = brackets[bracket].promote(study, members(study, bracket));
        if (number !== undefined) return number;
      }
      return undefined;
    },
    nextRung: (trial) => brackets[bracketOf(trial)].nextRung(trial),
  };
}
