/** How good a result is on a unit-scale task scored by mean squared error. */
export type Tier = 'excellent' | 'good' | 'minimum' | 'none';

interface TierLimits {
  tier: Exclude<Tier, 'none'>;
  /** MSE on training data, exclusive. */
  train: number;
  /** MSE on data that was not trained on, exclusive. */
  test: number;
  /** test / train, exclusive. */
  ratio: number;
}

/** Best first; every limit of a tier must be met. */
export const TIERS: readonly TierLimits[] = [
  { tier: 'excellent', train: 0.001, test: 0.002, ratio: 1.2 },
  { tier: 'good', train: 0.005, test: 0.007, ratio: 1.4 },
  { tier: 'minimum', train: 0.01, test: 0.015, ratio: 1.5 },
];

/** Tier of a pair of mean squared errors; `none` also where one is not a finite number. */
export function successTier(train: number, test: number): Tier {
  if (!Number.isFinite(train) || !Number.isFinite(test)) return 'none';
  const ratio = train > 0 ? test / train : test > 0 ? Number.POSITIVE_INFINITY : 1;
  const reached = TIERS.find((limits) => train < limits.train && test < limits.test && ratio < limits.ratio);
  return reached?.tier ?? 'none';
}
