import { bestTrial, lossOf, type StudyView } from '../study-view.js';

/** Points of a line. */
export interface Line {
  label: string;
  x: number[];
  y: number[];
}

/** Values of complete trials in the order in which they ended, and the best so far. */
export function historyOf(study: StudyView): { values: Line; best: Line } {
  const ended = study.trials
    .filter(({ state }) => state === 'complete')
    .sort((a, b) => a.ended! - b.ended! || a.number - b.number);
  const values: Line = { label: study.metrics[0], x: [], y: [] };
  const best: Line = { label: 'best so far', x: [], y: [] };
  for (const { values: [value] = [Number.NaN] } of ended) {
    values.x.push(values.x.length + 1);
    values.y.push(value);
    const before = best.y[best.y.length - 1];
    best.x.push(best.x.length + 1);
    best.y.push(before === undefined || lossOf(study, value) < lossOf(study, before) ? value : before);
  }
  return { values, best };
}

/** Curves drawn at most: of more, those that came furthest. */
const MOST_CURVES = 100;

/** Reports of every trial; the best trial last, so that it is drawn on top. */
export function curvesOf(study: StudyView): Line[] {
  const best = bestTrial(study)?.number;
  return study.trials
    .filter(({ reports }) => reports.length > 0)
    .sort(
      (a, b) => Number(b.number === best) - Number(a.number === best) || b.reports.length - a.reports.length,
    )
    .slice(0, MOST_CURVES)
    .reverse()
    .map(({ number, reports }) => ({
      label: `trial ${number}`,
      x: reports.map(({ step }) => step),
      y: reports.map(({ value }) => value),
    }));
}
