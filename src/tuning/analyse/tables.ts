import type { StudyView } from '../study-view.js';
import { lastReport } from '../trial.js';
import { analyseStudy, type Experiment, experimentOf } from './analysis.js';

/** One row of `hyperparameter_results.json`: what the guide records of every experiment. */
type ResultRow = Experiment & { hyperparameters: Experiment['params'] };

/** The guide's `hyperparameter_results.json`: every experiment, the best one, and how much each hyperparameter matters. JSON. */
export function resultsDocument(study: StudyView): object {
  const { top, importance, counts, summary } = analyseStudy(study);
  const results = study.trials.flatMap((trial): ResultRow[] => {
    const experiment = experimentOf(trial);
    return experiment === undefined ? [] : [{ ...experiment, hyperparameters: trial.params }];
  });
  return {
    study: study.name,
    counts,
    summary,
    best: results.find(({ trial }) => trial === top[0]?.number),
    importance: Object.fromEntries(importance.map(({ name, share }) => [name, share])),
    results: results.map(({ params: _params, ...row }) => row),
  };
}

/** All trials as CSV: number, state, values, last report, hyperparameters, and what was recorded of a training. */
export function trialsCsv(study: StudyView): string {
  const names = [...new Set(study.trials.flatMap(({ params }) => Object.keys(params)))];
  const recorded = [
    'finalTrainLoss',
    'finalValidationLoss',
    'trainValGap',
    'epochsCompleted',
    'seconds',
    'model',
  ] as const;
  const head = ['trial', 'state', ...study.metrics, 'last step', 'last value', ...names, ...recorded];
  const rows = study.trials.map((trial) => {
    const last = lastReport(trial);
    const experiment = experimentOf(trial);
    const values = study.metrics.map((_, i) => trial.values?.[i]);
    return [
      trial.number,
      trial.state,
      ...values,
      last?.step,
      last?.value,
      ...names.map((name) => trial.params[name]),
      ...recorded.map((key) => experiment?.[key]),
    ];
  });
  return [head, ...rows].map((row) => `${row.map(csvCell).join(',')}\r\n`).join('');
}

/** RFC 4180. */
function csvCell(value: unknown): string {
  const text = value === undefined ? '' : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
