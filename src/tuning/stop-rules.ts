import { lossOf, type StudyView, violation } from './study-view.js';
import { isEnded } from './trial.js';

/** When a study has done enough; the first rule that holds ends it. None: when the sampler has nothing left to try. */
export interface StopRules {
  /** Trials that are made; those that are paused then may still be promoted. */
  trials?: number;
  /** Seconds since this program began to work on the study. Trials under way stop with a checkpoint. */
  seconds?: number;
  /** A value of the first objective that is good enough. */
  target?: number;
  /** Trials that end one after the other without a better value. */
  stagnation?: number;
}

/** Why a study is to end now, for a reader; `undefined` when it is not. @param seconds since this program began with it */
export function whyStop(rules: StopRules, study: StudyView, seconds: number): string | undefined {
  if (rules.seconds !== undefined && seconds >= rules.seconds)
    return `the time of ${rules.seconds} s is over`;
  if (rules.target === undefined && rules.stagnation === undefined) return undefined;
  let best = Number.POSITIVE_INFINITY;
  let idle = 0;
  const ended = study.trials.filter(isEnded).sort((a, b) => a.ended! - b.ended!);
  for (const trial of ended) {
    idle++;
    if (trial.state !== 'complete' || violation(trial) > 0) continue;
    const loss = lossOf(study, trial.values![0]);
    if (loss >= best) continue;
    best = loss;
    idle = 0;
  }
  if (rules.target !== undefined && best <= lossOf(study, rules.target))
    return `the target of ${rules.target} is reached`;
  if (rules.stagnation !== undefined && idle >= rules.stagnation)
    return `${idle} trials brought nothing better`;
  return undefined;
}
