import { curves, type Series } from '../../audio/plot/index.js';
import type { StudyView } from '../study-view.js';
import { importances } from './importance.js';
import { curvesOf, historyOf } from './series.js';

const FAINT = '#b9c2cc';
const STRONG = '#bc4c00';

/** Charts of a study as PNG, by file name; one without a point to draw is left out. */
export function studyPlots(study: StudyView): Map<string, Buffer> {
  const metric = study.metrics[0];
  const { values, best } = historyOf(study);
  const all = curvesOf(study).map(
    (line, i, lines): Series => ({
      ...line,
      label: i === lines.length - 1 ? `best: ${line.label}` : '',
      colour: i === lines.length - 1 ? STRONG : FAINT,
    }),
  );
  const marginals = importances(study)
    .filter(({ marginals }) => marginals.every(({ value }) => typeof value === 'number'))
    .map(
      ({ name, marginals }): Series => ({
        label: name,
        // Values of unlike units share the axis as parts of their range.
        x: marginals.map((_, i) => i / (marginals.length - 1 || 1)),
        y: marginals.map(({ mean }) => mean),
      }),
    );
  const charts: [name: string, title: string, x: string, series: Series[]][] = [
    [
      'history.png',
      'history',
      'complete trials',
      [
        { ...values, colour: FAINT },
        { ...best, colour: STRONG },
      ],
    ],
    ['intermediate-values.png', 'intermediate values', 'step', all],
    ['marginals.png', 'mean by value of each hyperparameter', 'lowest … highest value', marginals],
  ];
  const plots = new Map<string, Buffer>();
  for (const [name, title, x, series] of charts) {
    const finite = series.flatMap(({ y }) => Array.from(y)).filter(Number.isFinite);
    if (finite.length === 0) continue;
    const log = finite.every((value) => value > 0);
    plots.set(
      name,
      curves(series, { title: `${study.name}: ${title}`, x: { label: x }, y: { label: metric, log } }),
    );
  }
  return plots;
}
