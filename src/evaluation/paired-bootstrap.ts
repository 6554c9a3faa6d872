import { Random } from '../random.js';

/** A mean with the interval that holds it in 95 of 100 cases. */
export interface BootstrapInterval {
  mean: number;
  /** The 2.5th and the 97.5th percentile. */
  low: number;
  high: number;
}

/**
 * Percentile bootstrap of a mean (Efron 1979). Give it the differences between two systems on the same recordings: what makes
 * one recording harder than another then cancels out.
 *
 * @param differences at least one
 * @param resamples how often the recordings are drawn anew, default 2000
 */
export function pairedBootstrap(
  differences: readonly number[],
  { resamples = 2000, seed = 1 } = {},
): BootstrapInterval {
  const count = differences.length;
  const random = new Random(seed);
  const means = new Float64Array(resamples);
  for (let r = 0; r < resamples; r++) {
    let sum = 0;
    for (let i = 0; i < count; i++) sum += differences[random.integer(count)];
    means[r] = sum / count;
  }
  means.sort();
  const at = (share: number): number => means[Math.round(share * (resamples - 1))];
  const mean = differences.reduce((sum, one) => sum + one, 0) / count;
  return { mean, low: at(0.025), high: at(0.975) };
}
