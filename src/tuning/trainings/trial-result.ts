import type { EpochEvent } from '../../training/loop/training-events.js';

/** What the guide records of every experiment, beside its hyperparameters. */
export interface TrialResult {
  finalTrainLoss: number;
  finalValidationLoss: number;
  bestValidationLoss: number;
  epochsCompleted: number;
  /** Validation minus training loss in the last epoch. */
  trainValGap: number;
  /** Of training alone. */
  seconds: number;
  /** Largest resident memory of the process, MB. */
  memoryMB: number;
  /** Examples a second over all epochs but the first, which also warms up. */
  examplesPerSecond: number;
}

/**
 * @param epochs of a run, in order, at least one
 * @param examplesPerEpoch steps × batch
 */
export function trialResult(epochs: readonly EpochEvent[], examplesPerEpoch: number): TrialResult {
  const last = epochs[epochs.length - 1];
  const lossOf = ({ validationLoss, trainLoss }: EpochEvent): number => validationLoss ?? trainLoss;
  const sum = (of: readonly EpochEvent[]): number => of.reduce((total, { seconds }) => total + seconds, 0);
  const warm = epochs.length > 1 ? epochs.slice(1) : epochs;
  return {
    finalTrainLoss: last.trainLoss,
    finalValidationLoss: lossOf(last),
    bestValidationLoss: Math.min(...epochs.map(lossOf)),
    epochsCompleted: epochs.length,
    trainValGap: lossOf(last) - last.trainLoss,
    seconds: sum(epochs),
    memoryMB: Math.max(...epochs.map(({ rssMB }) => rssMB)),
    examplesPerSecond: (examplesPerEpoch * warm.length) / sum(warm),
  };
}

/** Of the folds of one configuration: means of the losses, epochs and speeds, the sum of the seconds, the largest memory. */
export function meanResult(results: readonly TrialResult[]): TrialResult {
  const of = (key: keyof TrialResult): number[] => results.map((result) => result[key]);
  const sum = (key: keyof TrialResult): number => of(key).reduce((a, b) => a + b, 0);
  const mean = (key: keyof TrialResult): number => sum(key) / results.length;
  return {
    finalTrainLoss: mean('finalTrainLoss'),
    finalValidationLoss: mean('finalValidationLoss'),
    bestValidationLoss: mean('bestValidationLoss'),
    epochsCompleted: mean('epochsCompleted'),
    trainValGap: mean('trainValGap'),
    seconds: sum('seconds'),
    memoryMB: Math.max(...of('memoryMB')),
    examplesPerSecond: mean('examplesPerSecond'),
  };
}
