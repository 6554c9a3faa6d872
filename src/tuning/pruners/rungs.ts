import { lossOf, type StudyView } from '../study-view.js';
import type { TrialRecord } from '../trial.js';

/** The ladder of successive halving: rung k stands at step `min · reduction^k`. */
export class Ladder {
  constructor(
    readonly min: number,
    readonly reduction: number,
  ) {}

  step(rung: number): number {
    return Math.round(this.min * this.reduction ** rung);
  }

  /** The highest rung at or below a step; -1 under the lowest. */
  rungAt(step: number): number {
    let rung = -1;
    while (this.step(rung + 1) <= step) rung++;
    return rung;
  }

  /** The highest rung that a trial has reached. */
  reached({ reports }: TrialRecord): number {
    return reports.length === 0 ? -1 : this.rungAt(reports[reports.length - 1].step);
  }

  /** The rung that the last report of a trial was the first one to reach; undefined between rungs. */
  justReached({ reports }: TrialRecord): number | undefined {
    if (reports.length === 0) return undefined;
    const rung = this.rungAt(reports[reports.length - 1].step);
    const before = reports.length === 1 ? -1 : this.rungAt(reports[reports.length - 2].step);
    return rung > before ? rung : undefined;
  }
}

/** A trial at a rung. */
export interface Entrant {
  trial: TrialRecord;
  /** The lowest up to the rung. */
  loss: number;
}

/** The lowest loss of a trial up to a step. */
export function lossUpTo(study: StudyView, { reports }: TrialRecord, step: number): number {
  let lowest = Number.POSITIVE_INFINITY;
  for (const report of reports) {
    if (report.step > step) break;
    lowest = Math.min(lowest, lossOf(study, report.value));
  }
  return lowest;
}

/**
 * Who has reached a rung, best first. A complete trial counts at all rungs: one that ended early, since its loss no longer fell,
 * would have come to them with the loss it had.
 */
export function entrantsOf(
  ladder: Ladder,
  rung: number,
  study: StudyView,
  trials: readonly TrialRecord[] = study.trials,
): Entrant[] {
  return trials
    .filter(
      (trial) =>
        trial.state !== 'failed' &&
        trial.reports.length > 0 &&
        (trial.state === 'complete' || ladder.reached(trial) >= rung),
    )
    .map((trial) => ({ trial, loss: lossUpTo(study, trial, ladder.step(rung)) }))
    .sort((a, b) => a.loss - b.loss || a.trial.number - b.trial.number);
}

/**
 * Those of a rung that go on: the best `count`, and whoever is as good as the last of them. Settings that have not acted yet,
 * such as the patience of a schedule, give equal losses, and among equals there is no better one to choose.
 * @param entrants best first
 */
export function bestOf(entrants: readonly Entrant[], count: number): Entrant[] {
  const last = entrants[count - 1]?.loss ?? Number.NEGATIVE_INFINITY;
  return entrants.filter(({ loss }) => loss <= last && Number.isFinite(loss));
}
