import type { EpochEvent, StepEvent, TrainingEvent } from '../loop/training-events.js';
import type { RunStatus } from '../run/run-status.js';
import { Settings } from './settings.js';

/** One epoch as the rules see it: every loss finite and ≥ 0. */
export interface CurvePoint {
  epoch: number;
  train: number;
  /** Loss on data that is not trained on. */
  validation?: number;
  test?: number;
}

/** A run, prepared once for all rules. */
export interface RunView {
  settings: Settings;
  /** One record per epoch in order of epochs; of an epoch made twice (resumed) the later. */
  epochs: readonly EpochEvent[];
  steps: readonly StepEvent[];
  /** Everything that happened besides. */
  events: readonly TrainingEvent[];
  /** What became of the run, where that is known. */
  status: RunStatus | undefined;
  /** Epochs whose training loss is a finite number. */
  curve: readonly CurvePoint[];
  /** `curve[i].train`. */
  losses: readonly number[];
  /** Differences below this are noise around zero: a millionth of the largest loss. */
  floor: number;
  /** Losses are mean squared errors of unit-scale signals: limits in numbers (0.1, 0.01, …) apply. */
  absolute: boolean;
  /** Rate the run was started with, where known: as configured, else the highest that was used. */
  rate: number | undefined;
}

/** Prepares the events of a run. @param config its settings, as far as they are known */
export function viewRun(
  all: readonly TrainingEvent[],
  config: Readonly<Record<string, unknown>> = {},
  status?: RunStatus,
): RunView {
  const settings = new Settings(config);
  const byEpoch = new Map<number, EpochEvent>();
  const steps: StepEvent[] = [];
  const events: TrainingEvent[] = [];
  for (const event of all) {
    if (event.kind === 'epoch') byEpoch.set(event.epoch, event);
    else if (event.kind === 'step') steps.push(event);
    else events.push(event);
  }
  const epochs = [...byEpoch.values()].sort((a, b) => a.epoch - b.epoch);

  const negative = epochs.some((epoch) => epoch.trainLoss < 0 || (epoch.validationLoss ?? 0) < 0);
  const scale = negative ? decibelsToEnergy : (loss: number) => loss;
  const curve = epochs
    .filter((epoch) => Number.isFinite(epoch.trainLoss))
    .map((epoch) => ({
      epoch: epoch.epoch,
      train: scale(epoch.trainLoss),
      validation: finiteOnly(epoch.validationLoss, scale),
      test: finiteOnly(epoch.testLoss, scale),
    }));
  const losses = curve.map((point) => point.train);
  const loss = settings.text('loss');
  return {
    settings,
    epochs,
    steps,
    events,
    status,
    curve,
    losses,
    floor: Math.max(Number.MIN_VALUE, 1e-6 * losses.reduce((most, value) => Math.max(most, value), 0)),
    absolute: !negative && (loss === undefined || loss.toLowerCase() === 'mse'),
    rate: settings.number('lr') ?? highestRate(epochs, steps),
  };
}

/** Losses in dB (SI-SDR and its kin are negative when good) as the energy ratio they stand for, 10^(dB/10). */
function decibelsToEnergy(loss: number): number {
  return 10 ** (Math.min(3000, Math.max(-3000, loss)) / 10);
}

function finiteOnly(loss: number | undefined, scale: (loss: number) => number): number | undefined {
  return loss !== undefined && Number.isFinite(loss) ? scale(loss) : undefined;
}

function highestRate(epochs: readonly EpochEvent[], steps: readonly StepEvent[]): number | undefined {
  let highest: number | undefined;
  for (const { learningRate } of [...epochs, ...steps]) {
    if (Number.isFinite(learningRate) && learningRate > (highest ?? 0)) highest = learningRate;
  }
  return highest;
}

/** Loss on unseen data of one epoch: of the test set where there is one, else of the validation set. */
export function unseenLoss(point: CurvePoint): number | undefined {
  return point.test ?? point.validation;
}

/** The epoch whose weights are kept: the lowest validation loss, or the lowest training loss without validation. */
export function keptPoint(run: RunView): CurvePoint | undefined {
  let kept: CurvePoint | undefined;
  const score = (point: CurvePoint) => point.validation ?? point.test ?? point.train;
  const judged = run.curve.filter((point) => unseenLoss(point) !== undefined);
  for (const point of judged.length > 0 ? judged : run.curve) {
    if (kept === undefined || score(point) < score(kept)) kept = point;
  }
  return kept;
}
