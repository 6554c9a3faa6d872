import { lastReport, type TrialRecord } from './trial.js';

/** Whether an objective is to become small or large. */
export type Direction = 'minimise' | 'maximise';

/** A study as samplers, pruners and analyses see it. Nothing in it may be changed. */
export interface StudyView {
  readonly name: string;
  /** One per objective. */
  readonly directions: readonly Direction[];
  /** Names of the objectives, as many as `directions`. */
  readonly metrics: readonly string[];
  /** In the order of their numbers; trial n stands at n. */
  readonly trials: readonly TrialRecord[];
  readonly seed: number;
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** `value` of objective `index` as a loss: the smaller the better; not a number becomes Infinity. */
export function lossOf({ directions }: Pick<StudyView, 'directions'>, value: number, index = 0): number {
  if (Number.isNaN(value)) return Number.POSITIVE_INFINITY;
  return directions[index] === 'maximise' ? -value : value;
}

/** By how much a trial breaks the constraints; 0 when it breaks none or has none. */
export function violation({ constraints = [] }: TrialRecord): number {
  return constraints.reduce(
    (sum, value) => sum + Math.max(0, Number.isNaN(value) ? Number.POSITIVE_INFINITY : value),
    0,
  );
}

/** All objectives of a complete trial as losses. */
function lossesOf(view: StudyView, { values = [] }: TrialRecord): number[] {
  return values.map((value, i) => lossOf(view, value, i));
}

/** The complete trial with the best first objective among those that break no constraint. */
export function bestTrial(view: StudyView): TrialRecord | undefined {
  let best: TrialRecord | undefined;
  for (const trial of view.trials) {
    if (trial.state !== 'complete' || violation(trial) > 0) continue;
    if (best === undefined || lossOf(view, trial.values![0]) < lossOf(view, best.values![0])) best = trial;
  }
  return best;
}

/** Whether `a` is at least as good as `b` in all objectives and better in one. */
function dominates(a: readonly number[], b: readonly number[]): boolean {
  return a.every((loss, i) => loss <= b[i]) && a.some((loss, i) => loss < b[i]);
}

/** Complete trials that break no constraint and that no other one dominates, in order of their numbers. */
export function paretoFront(view: StudyView): TrialRecord[] {
  const feasible = view.trials.filter((trial) => trial.state === 'complete' && violation(trial) === 0);
  const losses = feasible.map((trial) => lossesOf(view, trial));
  return feasible.filter((_, i) => !losses.some((other) => dominates(other, losses[i])));
}

/**
 * Complete trials from best to worst: those that break no constraint first; of them by front (K. Deb 2002) and within a front
 * by the distance to their neighbours, so that a front is covered evenly; of the others by how much they break.
 */
export function rankedTrials(view: StudyView): TrialRecord[] {
  const complete = view.trials.filter(({ state }) => state === 'complete');
  const broken = complete.filter((trial) => violation(trial) > 0).sort((a, b) => violation(a) - violation(b));
  const feasible = complete.filter((trial) => violation(trial) === 0);
  if (view.directions.length === 1)
    return [...feasible.sort((a, b) => lossOf(view, a.values![0]) - lossOf(view, b.values![0])), ...broken];
  const ranked: TrialRecord[] = [];
  let rest = feasible.map((trial) => ({ trial, losses: lossesOf(view, trial) }));
  while (rest.length > 0) {
    const front = rest.filter((one) => !rest.some((other) => dominates(other.losses, one.losses)));
    ranked.push(...spreadFirst(front));
    const taken = new Set(front);
    rest = rest.filter((one) => !taken.has(one));
  }
  return [...ranked, ...broken];
}

/** Trials of one front, those far from their neighbours first (crowding distance of NSGA-II). */
function spreadFirst(front: { trial: TrialRecord; losses: number[] }[]): TrialRecord[] {
  const distance = new Map(front.map(({ trial }) => [trial, 0]));
  for (let objective = 0; objective < (front[0]?.losses.length ?? 0); objective++) {
    const sorted = [...front].sort((a, b) => a.losses[objective] - b.losses[objective]);
    const width = sorted[sorted.length - 1].losses[objective] - sorted[0].losses[objective] || 1;
    sorted.forEach(({ trial }, i) => {
      const atEnd = i === 0 || i === sorted.length - 1;
      const gap = atEnd
        ? Number.POSITIVE_INFINITY
        : (sorted[i + 1].losses[objective] - sorted[i - 1].losses[objective]) / width;
      distance.set(trial, distance.get(trial)! + gap);
    });
  }
  return front
    .map(({ trial }) => trial)
    .sort((a, b) =>
      distance.get(b)! > distance.get(a)!
        ? 1
        : distance.get(b) === distance.get(a)
          ? a.number - b.number
          : -1,
    );
}

/** Trials that something is known of, best first: complete ones, then those that stopped on the way, those that came further first. */
export function trialsByPromise(study: StudyView): TrialRecord[] {
  const stopped = study.trials
    .filter((trial) => (trial.state === 'pruned' || trial.state === 'paused') && trial.reports.length > 0)
    .sort((a, b) => {
      const [x, y] = [lastReport(a)!, lastReport(b)!];
      return y.step - x.step || lossOf(study, x.value) - lossOf(study, y.value) || a.number - b.number;
    });
  return [...rankedTrials(study), ...stopped];
}
