import type { Space } from '../space.js';
import type { TrialRecord } from '../trial.js';

/** Three rates a decade, from far too slow to far too fast. */
const RANGE = [1e-5, 2e-5, 5e-5, 1e-4, 2e-4, 5e-4, 1e-3, 2e-3, 5e-3, 1e-2, 2e-2, 5e-2, 1e-1];

/** Epochs of a rate in the sweep: a few, as the guide says. */
const SWEEP_EPOCHS = 5;

/**
 * The learning rate: a range test, which gives each of 13 rates one epoch from the same initial weights, and the guide's sweep, which gives
 * four of them five.
 */
export const learningRateSpace: Space = (suggest) => {
  if (suggest.categorical('stage', ['range', 'sweep']) === 'range') {
    suggest.ordered('lr', RANGE);
    suggest.categorical('epochs', [1]);
  } else {
    suggest.ordered('lr', [1e-4, 3e-4, 1e-3, 3e-3]);
    suggest.categorical('epochs', [SWEEP_EPOCHS]);
  }
};

/** A rate above which the loss of the range test is this much worse than the best one is too fast. */
const TOO_FAST = 1.2;

export interface RateSuggestion {
  /** What to train with: a third of the fastest rate that learns, for a training is longer than a test. */
  rate: number;
  /** The rate with the lowest loss after one epoch. */
  best: number;
  /** The lowest rate at which training breaks or gets worse; absent when none does. */
  tooFast?: number;
}

/** What the range test says; `undefined` before three rates are known. */
export function suggestRate(trials: readonly TrialRecord[]): RateSuggestion | undefined {
  const tested = trials
    .filter(({ params, reports }) => params.stage === 'range' && reports.length > 0)
    .map(({ params, reports }) => ({ rate: Number(params.lr), loss: reports[0].value }))
    .sort((a, b) => a.rate - b.rate);
  const finite = tested.filter(({ loss }) => Number.isFinite(loss));
  if (finite.length < 3) return undefined;
  const best = finite.reduce((a, b) => (b.loss < a.loss ? b : a));
  // Losses in decibels are negative: worse is measured from the slowest rate's loss, where nothing was learnt.
  const scale = Math.max(Math.abs(best.loss), Math.abs(finite[0].loss - best.loss));
  const tooFast = tested.find(
    ({ rate, loss }) => rate > best.rate && !(loss < best.loss + (TOO_FAST - 1) * scale),
  );
  return {
    rate: Number((best.rate / 3).toPrecision(1)),
    best: best.rate,
    ...(tooFast && { tooFast: tooFast.rate }),
  };
}
