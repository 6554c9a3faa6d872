import { countValues, type Distribution, fromUnit, type ParameterValue, valueAt } from '../distribution.js';
import { ParzenMixture } from '../samplers/parzen.js';
import { distributionKey } from '../space.js';
import { lossOf, type StudyView, trialsByPromise } from '../study-view.js';
import type { TrialRecord } from '../trial.js';

/** Share of the trials that counts as good. */
const GOOD = 0.1;
/** Fewest trials for which importance is computed. */
const FEWEST = 8;
/** Points at which the density over an interval is compared. */
const POINTS = 50;

/** How much one hyperparameter decides. */
export interface Importance {
  name: string;
  /** Share of all, 0 … 1; `undefined` with too few trials. */
  share: number | undefined;
  /** Complete trials by value (by quarters of a range). */
  marginals: Marginal[];
}

export interface Marginal {
  value: ParameterValue;
  trials: number;
  mean: number;
  best: number;
}

/**
 * How much each hyperparameter decides whether a trial is among the best tenth: PED-ANOVA (S. Watanabe 2023), the Pearson divergence between
 * where good trials lie and where all do, one hyperparameter at a time; and what the trials with each value reached.
 */
export function importances(study: StudyView): Importance[] {
  const ranked = trialsByPromise(study);
  const axes = new Map<string, { name: string; distribution: Distribution }>();
  for (const { distributions } of ranked)
    for (const [name, distribution] of Object.entries(distributions))
      if (countValues(distribution) > 1)
        axes.set(`${name} ${distributionKey(distribution)}`, { name, distribution });
  const good = ranked.slice(0, Math.max(2, Math.round(GOOD * ranked.length)));
  const found = [...axes.values()].map(({ name, distribution }) => ({
    name,
    divergence: ranked.length < FEWEST ? undefined : divergence(name, distribution, good, ranked),
    marginals: marginalsOf(study, name, distribution),
  }));
  const sum = found.reduce((total, one) => total + (one.divergence ?? 0), 0);
  return found
    .map(({ name, divergence: own, marginals }) => ({
      name,
      share: own === undefined ? undefined : sum > 0 ? own / sum : 0,
      marginals,
    }))
    .sort((a, b) => (b.share ?? 0) - (a.share ?? 0));
}

/** ∫ (good/all − 1)² all */
function divergence(
  name: string,
  distribution: Distribution,
  good: readonly TrialRecord[],
  all: readonly TrialRecord[],
): number {
  const count = Math.min(countValues(distribution), POINTS);
  const finite = countValues(distribution) <= POINTS;
  const values = Array.from({ length: count }, (_, i) =>
    finite || distribution.kind === 'categorical'
      ? valueAt(distribution, i)
      : fromUnit(distribution, (i + 0.5) / count),
  );
  const densityOf = (trials: readonly TrialRecord[]): number[] => {
    const having = trials.filter(({ params }) => name in params);
    const mixture = new ParzenMixture(
      having,
      having.map(() => 1),
      1,
      1,
    );
    const densities = values.map((value) =>
      Math.exp(mixture.logDensity({ params: { [name]: value }, distributions: { [name]: distribution } })),
    );
    const sum = densities.reduce((a, b) => a + b, 0);
    return densities.map((density) => density / sum);
  };
  const [top, base] = [densityOf(good), densityOf(all)];
  return top.reduce((sum, density, i) => sum + (density / base[i] - 1) ** 2 * base[i], 0);
}

/** Parts that the values of a range are gathered in. */
const PARTS = 4;

function marginalsOf(study: StudyView, name: string, distribution: Distribution): Marginal[] {
  const groups = new Map<ParameterValue, number[]>();
  const finite = countValues(distribution) <= 12;
  for (const { state, params, values } of study.trials) {
    if (state !== 'complete' || !(name in params)) continue;
    const value =
      finite || distribution.kind === 'categorical'
        ? params[name]
        : partOf(study, name, Number(params[name]));
    groups.set(value, [...(groups.get(value) ?? []), values![0]]);
  }
  return [...groups]
    .sort(([a], [b]) =>
      typeof a === 'number' && typeof b === 'number' ? a - b : String(a) < String(b) ? -1 : 1,
    )
    .map(([value, results]) => ({
      value,
      trials: results.length,
      mean: results.reduce((a, b) => a + b, 0) / results.length,
      best: results.reduce((a, b) => (lossOf(study, b) < lossOf(study, a) ? b : a)),
    }));
}

/** The lower end of the quarter of all complete trials that a value falls into. */
function partOf(study: StudyView, name: string, value: number): number {
  const sorted = study.trials
    .filter(({ state, params }) => state === 'complete' && name in params)
    .map(({ params }) => Number(params[name]))
    .sort((a, b) => a - b);
  const rank = sorted.findIndex((other) => other >= value);
  return sorted[Math.floor((Math.floor((rank * PARTS) / sorted.length) * sorted.length) / PARTS)];
}
