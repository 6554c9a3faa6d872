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
