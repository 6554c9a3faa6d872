import type { Distribution, Params } from './distribution.js';

/**
 * `waiting`: may be run, from its beginning or from where it stopped. `running`: somebody owns it. `paused`: stopped at a rung
 * with a checkpoint; goes on when it is promoted. The others are ends: `complete` with values, `pruned` for good, `failed`.
 */
export type TrialState = 'waiting' | 'running' | 'paused' | 'complete' | 'pruned' | 'failed';

/** A value on the way. */
export interface Report {
  /** Epoch, or what else the study counts; grows from report to report. */
  step: number;
  /** May be NaN or infinite: a training that broke. */
  value: number;
}

/** Why a trial failed. */
export interface TrialError {
  code: string;
  message: string;
}

/** All that is known of a trial. Records are replaced, never changed by their readers. */
export interface TrialRecord {
  /** From 0, in the order in which trials were made. */
  readonly number: number;
  state: TrialState;
  readonly params: Params;
  readonly distributions: Readonly<Record<string, Distribution>>;
  /** Seed of everything that is drawn in the trial: with `params` it reproduces it. */
  readonly seed: number;
  /** One per objective; only of a complete trial. */
  values?: readonly number[];
  /** Each ≤ 0 where the constraint holds; only of a complete trial. */
  constraints?: readonly number[];
  /** In order of `step`. */
  readonly reports: readonly Report[];
  /** What users and runners wrote to it. */
  readonly attributes: Readonly<Record<string, unknown>>;
  /** Chosen to run to its end: no pruner stops it again. */
  toEnd: boolean;
  /** Whoever claimed it last proves it with this. */
  token?: string;
  owner?: string;
  /** How often it was claimed. */
  claims: number;
  /** How often a claim was taken from an owner that no longer answered. */
  losses: number;
  error?: TrialError;
  /** Milliseconds since 1970. */
  readonly created: number;
  started?: number;
  ended?: number;
}

/** Whether a trial is at an end: nothing changes in it but its attributes. */
export function isEnded({ state }: TrialRecord): boolean {
  return state === 'complete' || state === 'pruned' || state === 'failed';
}

/** The last report, if there is one. */
export function lastReport({ reports }: TrialRecord): Report | undefined {
  return reports[reports.length - 1];
}
