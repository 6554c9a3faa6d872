import type { Analysis } from '../../tuning/analyse/analysis.js';
import type { ParameterValue } from '../../tuning/distribution.js';
import type { TrialRecord } from '../../tuning/trial.js';
import { table } from './table.js';
import { formatSeconds } from './time-format.js';

const number = (value: number): string => String(Number(value.toPrecision(4)));
const value = (of: ParameterValue): string => (typeof of === 'number' ? number(of) : String(of));

/** Number, values and hyperparameters of a complete trial. */
const trialRow = (
  { number: trial, values, params }: TrialRecord,
  metrics: readonly string[],
  names: readonly string[],
): string[] => [
  String(trial),
  ...metrics.map((_, i) => number(values![i])),
  ...names.map((name) => (name in params ? value(params[name]) : '')),
];

/** An analysis as paragraphs: top five, impact of each hyperparameter, over-fitting, summary. */
export function describeAnalysis({
  study,
  metric,
  metrics,
  counts,
  top,
  front,
  summary,
  importance,
  overfitting,
  seconds,
  rate,
  throughput,
}: Analysis): string[] {
  const total = Object.values(counts).reduce((a, b) => a + b, 0);
  const states = Object.entries(counts).filter(([, count]) => count > 0);
  const lines = [
    `Study ${study}: ${total} trials (${states.map(([state, count]) => `${count} ${state}`).join(', ')}) in ${formatSeconds(seconds)}.`,
  ];
  if (summary === undefined) return [...lines, 'No trial is complete yet.'];
  const { best, mean, median, worst, deviation } = summary;
  lines.push(
    `${metric}: best ${number(best)}, median ${number(median)}, mean ${number(mean)} ± ${number(deviation)}, worst ${number(worst)}.`,
  );
  const names = importance.map(({ name }) => name);
  lines.push(
    '',
    'Best configurations',
    ...table(
      ['trial', metric, ...names],
      top.map((trial) => trialRow(trial, [metric], names)),
    ),
  );
  if (front.length > 0)
    lines.push(
      '',
      `Pareto front (no other trial is better in all of: ${metrics.join(', ')})`,
      ...table(
        ['trial', ...metrics, ...names],
        front.map((trial) => trialRow(trial, metrics, names)),
      ),
    );
  const impact = importance.flatMap(({ name, share, marginals }) =>
    marginals.map((marginal, i) => [
      i === 0 ? name : '',
      i === 0 ? (share === undefined ? '?' : `${Math.round(100 * share)} %`) : '',
      value(marginal.value),
      String(marginal.trials),
      number(marginal.mean),
      number(marginal.best),
    ]),
  );
  lines.push(
    '',
    'Impact of each hyperparameter',
    ...table(['', 'share', 'value', 'trials', 'mean', 'best'], impact),
  );
  if (overfitting.length > 0)
    lines.push(
      '',
      'Over-fitting (gap between validation and training; target < 0.01)',
      ...table(
        ['trial', 'training', 'validation', 'gap', ''],
        overfitting.map((row) => [
          String(row.trial),
          number(row.train),
          number(row.validation),
          number(row.gap),
          row.verdict,
        ]),
      ),
    );
  if (rate !== undefined)
    lines.push(
      '',
      `Learning rate: ${rate.rate} (lowest loss after one epoch at ${rate.best}${rate.tooFast === undefined ? '' : `, too fast from ${rate.tooFast}`}).`,
    );
  if (throughput.length > 0)
    lines.push(
      '',
      `Batch size: ${throughput[0].batch}, the largest throughput for its memory.`,
      ...table(
        ['batch', 'examples/s', 'memory MB', 'examples/s per GB'],
        throughput.map((row) => [
          String(row.batch),
          number(row.examplesPerSecond),
          number(row.memoryMB),
          number(row.perGB),
        ]),
      ),
    );
  return lines;
}
