import { type RateSuggestion, suggestRate } from '../searches/lr-range.js';
import { lossOf, paretoFront, rankedTrials, type StudyView } from '../study-view.js';
import type { TrialResult } from '../trainings/trial-result.js';
import type { TrialRecord, TrialState } from '../trial.js';
import { type Importance, importances } from './importance.js';

/** A gap between validation and training below this is good generalisation, says the guide; above the other, over-fitting. */
export const GAP_TARGET = 0.01;
const GAP_LIMIT = 0.05;

/** A training among the trials: what the guide records of it. */
export interface Experiment extends TrialResult {
  trial: number;
  params: TrialRecord['params'];
  model?: string;
}

export interface Overfitting {
  trial: number;
  train: number;
  validation: number;
  gap: number;
  verdict: 'good' | 'watch' | 'over-fitted';
}

export interface Analysis {
  study: string;
  metric: string;
  /** Of all objectives. */
  metrics: readonly string[];
  counts: Record<TrialState, number>;
  /** Complete trials, best first, five at most. */
  top: TrialRecord[];
  /** With several objectives: trials that no other one is better than in all, best first objective first. */
  front: TrialRecord[];
  /** Of the first objective, over complete trials. */
  summary?: { best: number; mean: number; median: number; worst: number; deviation: number };
  importance: Importance[];
  /** Of the five best, where trials are trainings. */
  overfitting: Overfitting[];
  /** Wall-clock seconds from the first start to the last end. */
  seconds: number;
  /** Of a search for the learning rate. */
  rate?: RateSuggestion;
  /** Of a search for the batch size, the one with the largest throughput per memory first. */
  throughput: { batch: number; examplesPerSecond: number; memoryMB: number; perGB: number }[];
}

const STATES: readonly TrialState[] = ['complete', 'pruned', 'paused', 'failed', 'running', 'waiting'];

/** The result of a complete trial that is a training. It is written before the trial ends, and between the two a program may. */
export function experimentOf({ number, state, params, attributes }: TrialRecord): Experiment | undefined {
  if (state !== 'complete') return undefined;
  const result = attributes.result as (TrialResult & { model?: string }) | undefined;
  return result && { trial: number, params, ...result };
}

/** What a study says. */
export function analyseStudy(study: StudyView): Analysis {
  const ranked = rankedTrials(study);
  const top = ranked.slice(0, 5);
  const rate = suggestRate(study.trials);
  return {
    study: study.name,
    metric: study.metrics[0],
    metrics: study.metrics,
    counts: Object.fromEntries(
      STATES.map((state) => [state, study.trials.filter((trial) => trial.state === state).length]),
    ) as Analysis['counts'],
    top,
    front: frontOf(study),
    ...(ranked.length === 0 ? {} : { summary: summarise(study, ranked) }),
    importance: importances(study),
    overfitting: top.flatMap((trial) => overfittingOf(trial) ?? []),
    seconds: secondsOf(study),
    ...(rate === undefined ? {} : { rate }),
    throughput: throughputOf(study),
  };
}

function frontOf(study: StudyView): TrialRecord[] {
  if (study.directions.length === 1) return [];
  return paretoFront(study).sort((a, b) => lossOf(study, a.values![0]) - lossOf(study, b.values![0]));
}

function summarise(study: StudyView, complete: readonly TrialRecord[]): NonNullable<Analysis['summary']> {
  const values = complete
    .map((trial) => trial.values![0])
    .sort((a, b) => lossOf(study, a) - lossOf(study, b));
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const middle = (values.length - 1) / 2;
  return {
    best: values[0],
    mean,
    median: (values[Math.floor(middle)] + values[Math.ceil(middle)]) / 2,
    worst: values[values.length - 1],
    deviation: Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length),
  };
}

function overfittingOf(trial: TrialRecord): Overfitting | undefined {
  const result = experimentOf(trial);
  if (result === undefined) return undefined;
  const { finalTrainLoss: train, finalValidationLoss: validation, trainValGap: gap } = result;
  const verdict = gap > GAP_LIMIT ? 'over-fitted' : gap > GAP_TARGET ? 'watch' : 'good';
  return { trial: trial.number, train, validation, gap, verdict };
}

function secondsOf({ trials }: StudyView): number {
  const starts = trials.flatMap(({ started }) => started ?? []);
  const ends = trials.flatMap(({ ended }) => ended ?? []);
  return starts.length === 0 || ends.length === 0 ? 0 : (Math.max(...ends) - Math.min(...starts)) / 1000;
}

function throughputOf(study: StudyView): Analysis['throughput'] {
  const plan = study.attributes.plan as { search?: { search?: string } } | undefined;
  if (plan?.search?.search !== 'batch') return [];
  return study.trials
    .flatMap((trial) => experimentOf(trial) ?? [])
    .map(({ params, examplesPerSecond, memoryMB }) => ({
      batch: Number(params.batch),
      examplesPerSecond,
      memoryMB,
      perGB: (1000 * examplesPerSecond) / memoryMB,
    }))
    .sort((a, b) => b.perGB - a.perGB);
}
