import { type AxisOptions, curves, type Series } from '../../audio/plot/index.js';
import type { EpochEvent, StepEvent, TrainingEvent } from '../loop/training-events.js';

/** Points a line of steps is drawn with: about one per pixel of the chart. */
const MOST_POINTS = 800;

const BACKGROUND = '#b9c2cc';

/**
 * The curves of a run as PNG charts, by file name: `curves.png` (losses), `curves-learning-rate.png`,
 * `curves-gradient-norm.png`. A chart without a single finite point is left out.
 */
export function curvePlots(records: readonly TrainingEvent[], title: string): Map<string, Buffer> {
  const steps = records.filter((record): record is StepEvent => record.kind === 'step');
  const epochs = records.filter((record): record is EpochEvent => record.kind === 'epoch');
  const perEpoch = (label: string, of: (record: EpochEvent) => number | undefined): Series => ({
    label,
    x: epochs.map((record) => record.step),
    y: epochs.map((record) => of(record) ?? Number.NaN),
  });
  const perStep = (label: string, of: (record: StepEvent) => number): Series => ({
    label,
    ...bucketed(steps, of),
    colour: BACKGROUND,
  });
  const charts: [name: string, what: string, series: Series[]][] = [
    [
      'curves.png',
      'loss',
      [
        perStep('training, steps', (record) => record.trainLoss),
        perEpoch('training', (record) => record.trainLoss),
        perEpoch('validation', (record) => record.validationLoss),
        perEpoch('test', (record) => record.testLoss),
      ],
    ],
    [
      'curves-learning-rate.png',
      'learning rate',
      [
        perStep('steps', (record) => record.learningRate),
        perEpoch('end of epoch', (record) => record.learningRate),
      ],
    ],
    [
      'curves-gradient-norm.png',
      'gradient norm before clipping',
      [
        perStep('steps', (record) => record.gradientNorm),
        perEpoch('mean of epoch', (record) => record.gradientNorm),
      ],
    ],
  ];
  const plots = new Map<string, Buffer>();
  for (const [name, what, all] of charts) {
    const series = all.filter(({ y }) => Array.from(y).some(Number.isFinite));
    if (series.length === 0) continue;
    const x: AxisOptions = { label: 'optimiser step' };
    plots.set(
      name,
      curves(series, { title: `${title}: ${what}`, x, y: { label: what, log: isPositive(series) } }),
    );
  }
  return plots;
}

/** Means over equal stretches of steps; of a stretch with NaN in it the mean of the rest. */
function bucketed(
  steps: readonly StepEvent[],
  of: (record: StepEvent) => number,
): { x: number[]; y: number[] } {
  const size = Math.max(1, Math.ceil(steps.length / MOST_POINTS));
  const x: number[] = [];
  const y: number[] = [];
  for (let start = 0; start < steps.length; start += size) {
    const values = steps
      .slice(start, start + size)
      .map(of)
      .filter(Number.isFinite);
    x.push(steps[Math.min(steps.length - 1, start + (size >> 1))].step);
    y.push(
      values.reduce((sum, value) => sum + value / values.length, 0) || (values.length > 0 ? 0 : Number.NaN),
    );
  }
  return { x, y };
}

/** Losses in dB are negative and keep a linear axis; all else spans decades. */
function isPositive(series: readonly Series[]): boolean {
  const values = series.flatMap(({ y }) => Array.from(y).filter(Number.isFinite));
  return values.every((value) => value >= 0) && values.some((value) => value > 0);
}
