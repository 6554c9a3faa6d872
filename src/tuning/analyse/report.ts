import { countValues, type Distribution, indexOf, type ParameterValue, toUnit } from '../distribution.js';
import { bestTrial, paretoFront, type StudyView } from '../study-view.js';
import type { TrialRecord } from '../trial.js';
import { type Analysis, analyseStudy, experimentOf, GAP_TARGET } from './analysis.js';
import { curvesOf, historyOf, type Line } from './series.js';
import { bars, COLOURS, chart, escapeHtml, legend, type Point, short, spans } from './svg.js';

const STYLE = `
body{font:15px/1.5 system-ui,sans-serif;color:#1b1f24;max-width:1360px;margin:24px auto;padding:0 16px}
h1{font-size:24px}h2{font-size:18px;margin-top:36px;border-bottom:1px solid #d8dee4}h3{font-size:14px;margin:8px 0}
table{border-collapse:collapse}td,th{padding:2px 12px 2px 0;text-align:left;font-variant-numeric:tabular-nums}
.charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(420px,1fr));gap:16px}
svg{width:100%;height:auto}.grid{stroke:#d8dee4}.tick{font-size:11px;fill:#57606a}.axis{font-size:12px;fill:#1b1f24}
.none,.note{color:#57606a}`;

/**
 * One page for one study or several, with no script and nothing to load: history, intermediate values, importance, parallel coordinates,
 * slices, Pareto front, timeline, over-fitting, best value and counts.
 * @param studies the first one in full, the others beside it
 */
export function htmlReport(studies: readonly StudyView[]): string {
  const names = studies.map(({ name }) => name).join(', ');
  const compare = studies.length > 1 ? section('Studies side by side', comparison(studies)) : '';
  const bodies = studies.map((study) => studyPart(study, analyseStudy(study)));
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>Tuning: ${escapeHtml(names)}</title><style>${STYLE}</style><body><h1>Tuning: ${escapeHtml(names)}</h1>${compare}${bodies.join('')}</body></html>\n`;
}

const section = (title: string, body: string): string => `<h2>${escapeHtml(title)}</h2>${body}`;
const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  `<table><tr>${head.map((cell) => `<th>${escapeHtml(cell)}</th>`).join('')}</tr>${rows
    .map((row) => `<tr>${row.map((cell) => `<td>${escapeHtml(cell)}</td>`).join('')}</tr>`)
    .join('')}</table>`;

function comparison(studies: readonly StudyView[]): string {
  const rows = studies.map((study) => {
    const { counts, summary, seconds } = analyseStudy(study);
    return [
      study.name,
      String(study.trials.length),
      String(counts.complete),
      summary === undefined ? '' : short(summary.best),
      short(seconds),
    ];
  });
  const palette = [COLOURS.main, COLOURS.best, COLOURS.good, COLOURS.faint];
  const names = studies.map(({ name }) => name);
  const lines = studies.map((study, i) => ({
    points: pointsOf(historyOf(study).best),
    colour: palette[i % palette.length],
    title: study.name,
  }));
  return (
    table(['study', 'trials', 'complete', 'best', 'seconds'], rows) +
    legend(names, palette) +
    chart({ lines }, { x: 'complete trials', y: 'best so far', logY: true })
  );
}

const pointsOf = ({ x, y }: Line): Point[] => x.map((value, i) => ({ x: value, y: y[i] }));

function studyPart(study: StudyView, analysis: Analysis): string {
  const { counts, summary, top, importance } = analysis;
  const facts = Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([state, count]) => `${count} ${state}`);
  const note = typeof study.attributes.note === 'string' ? `<p>${escapeHtml(study.attributes.note)}</p>` : '';
  const names = importance.map(({ name }) => name);
  const best =
    summary === undefined
      ? 'no complete trial yet'
      : `best ${study.metrics[0]} ${short(summary.best)} (median ${short(summary.median)})`;
  const topRows = top.map(({ number, values, params }) => [
    String(number),
    short(values![0]),
    ...names.map((name) => valueText(params[name])),
  ]);
  return [
    `<h1>${escapeHtml(study.name)}</h1><p>${study.trials.length} trials: ${facts.join(', ')}; ${best}.</p>${note}`,
    section('Best trials', table(['trial', study.metrics[0], ...names], topRows)),
    section(
      'History and intermediate values',
      `<div class="charts">${history(study)}${intermediate(study)}</div>`,
    ),
    section('Importance', importanceChart(analysis)),
    section('Slices', `<div class="charts">${slices(study)}</div>`),
    section('Parallel coordinates', parallel(study)),
    section('Pareto front', pareto(study)),
    section('Over-fitting', overfitting(analysis)),
    section('Timeline', timeline(study)),
  ].join('');
}

const valueText = (value: ParameterValue | undefined): string =>
  value === undefined ? '' : typeof value === 'number' ? short(value) : String(value);

const titleOf = ({ number, params, values }: TrialRecord): string =>
  `trial ${number}: ${values === undefined ? '' : `${short(values[0])}; `}${Object.entries(params)
    .map(([name, value]) => `${name} ${valueText(value)}`)
    .join(', ')}`;

function history(study: StudyView): string {
  const { values, best } = historyOf(study);
  return chart(
    { points: pointsOf(values), lines: [{ points: pointsOf(best), colour: COLOURS.best }] },
    { x: 'complete trials', y: study.metrics[0], logY: true },
  );
}

function intermediate(study: StudyView): string {
  const curves = curvesOf(study);
  const lines = curves.map((line, i) => {
    const isBest = i === curves.length - 1;
    return {
      points: pointsOf(line),
      colour: isBest ? COLOURS.best : COLOURS.faint,
      title: line.label,
      width: isBest ? 2 : 1,
    };
  });
  return chart({ lines }, { x: 'step', y: study.metrics[0], logY: true });
}

function importanceChart({ importance }: Analysis): string {
  const known = importance.filter(({ share }) => share !== undefined);
  if (known.length === 0) return '<p class="none">Too few trials to say.</p>';
  return bars(
    known.map(({ name, share }) => ({ label: name, value: share!, text: `${(100 * share!).toFixed(0)} %` })),
  );
}

/** Every distribution that trials drew from, by name; of a name with several, the first. */
function distributionsOf(study: StudyView): Map<string, Distribution> {
  const found = new Map<string, Distribution>();
  for (const { distributions } of study.trials)
    for (const [name, d] of Object.entries(distributions))
      if (!found.has(name) && countValues(d) > 1) found.set(name, d);
  return found;
}

function positionIn(d: Distribution, value: ParameterValue): number {
  if (d.kind === 'categorical') return indexOf(d, value) / (d.choices.length - 1 || 1);
  return toUnit(d, Number(value));
}

function slices(study: StudyView): string {
  const complete = study.trials.filter(({ state }) => state === 'complete');
  return [...distributionsOf(study)]
    .map(([name, d]) => {
      // Choices stand side by side; numbers from a range where they lie in it.
      const listed = d.kind === 'categorical' ? d.choices : undefined;
      const points = complete
        .filter(({ params }) => name in params)
        .map((trial) => ({
          x: listed ? indexOf(d, trial.params[name]) : Number(trial.params[name]),
          y: trial.values![0],
          title: titleOf(trial),
        }));
      const options = { x: name, y: study.metrics[0], logY: true, width: 420, height: 240 };
      const logX = d.kind !== 'categorical' && d.log === true;
      const xTicks = listed?.map((choice, value) => ({ value, label: valueText(choice) }));
      return `<div>${chart({ points }, { ...options, logX, ...(xTicks && { xTicks }) })}</div>`;
    })
    .join('');
}

/** One axis per hyperparameter, the value last; good trials dark. */
function parallel(study: StudyView): string {
  const complete = study.trials.filter(({ state }) => state === 'complete');
  const axes = [...distributionsOf(study)];
  if (complete.length === 0 || axes.length === 0) return '<p class="none">Nothing to draw yet.</p>';
  const sorted = complete.map((trial) => trial.values![0]).sort((a, b) => a - b);
  const maximise = study.directions[0] === 'maximise';
  const rankOf = (value: number): number => sorted.indexOf(value) / (sorted.length - 1 || 1);
  const lines = [...complete]
    .sort((a, b) => rankOf(b.values![0]) - rankOf(a.values![0]))
    .map((trial) => {
      const rank = rankOf(trial.values![0]);
      const good = maximise ? rank > 0.9 : rank < 0.1;
      const points = axes.flatMap(([name, d], i) =>
        name in trial.params ? [{ x: i, y: positionIn(d, trial.params[name]) }] : [],
      );
      return {
        points: [...points, { x: axes.length, y: rank }],
        colour: good ? COLOURS.best : COLOURS.faint,
        title: titleOf(trial),
        width: good ? 1.8 : 0.8,
      };
    });
  const names = [...axes.map(([name]) => name), `${study.metrics[0]} (rank)`];
  const xTicks = names.map((label, value) => ({ value, label }));
  return chart({ lines }, { x: '', y: 'position in the range', xTicks, width: 1100, height: 320 });
}

/** Of studies with one objective: value against seconds of training. */
function pareto(study: StudyView): string {
  if (study.directions.length > 1) {
    const front = new Set(paretoFront(study));
    const complete = study.trials.filter(({ state }) => state === 'complete');
    const [first, ...others] = study.metrics;
    const charts = others.map((metric, i) => {
      const points = complete.map((trial) => ({
        x: trial.values![0],
        y: trial.values![i + 1],
        title: titleOf(trial),
        colour: front.has(trial) ? COLOURS.best : COLOURS.faint,
      }));
      return chart({ points }, { x: first, y: metric });
    });
    return `<div class="charts">${charts.join('')}</div>`;
  }
  const timed = study.trials.flatMap((trial) => {
    const seconds = experimentOf(trial)?.seconds;
    return seconds === undefined ? [] : [{ trial, seconds }];
  });
  const isFront = ({ trial, seconds }: (typeof timed)[number]): boolean =>
    !timed.some((other) => other.seconds < seconds && other.trial.values![0] <= trial.values![0]);
  const points = timed.map((one) => ({
    x: one.seconds,
    y: one.trial.values![0],
    title: titleOf(one.trial),
    colour: isFront(one) ? COLOURS.best : COLOURS.faint,
  }));
  return chart({ points }, { x: 'seconds of training', y: study.metrics[0], logX: true, logY: true });
}

function overfitting({ overfitting: rows }: Analysis): string {
  if (rows.length === 0) return '<p class="none">No trainings among the best trials.</p>';
  const cells = rows.map(({ trial, train, validation, gap, verdict }) => [
    String(trial),
    short(train),
    short(validation),
    short(gap),
    verdict,
  ]);
  return table(['trial', 'training', 'validation', `gap (target < ${GAP_TARGET})`, ''], cells);
}

function timeline(study: StudyView): string {
  const begun = study.trials.filter(({ started }) => started !== undefined);
  const first = Math.min(...begun.map(({ started }) => started!));
  const best = bestTrial(study);
  return spans(
    begun.map((trial) => ({
      from: (trial.started! - first) / 1000,
      to: ((trial.ended ?? trial.started!) - first) / 1000,
      colour: trial === best ? COLOURS.best : trial.state === 'complete' ? COLOURS.main : COLOURS.faint,
      title: `${titleOf(trial)} (${trial.state})`,
    })),
  );
}
