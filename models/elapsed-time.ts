/** How elapsed time is scaled before a liquid cell sees it. */
export const TIME_SCALINGS = ['raw', 'log', 'normalised', 'bounded'] as const;
export type TimeScaling = (typeof TIME_SCALINGS)[number];

export interface TimeStatistics {
  mean: number;
  deviation: number;
}

/**
 * The scalings of the liquid networks' tuning guide: Δt, ln(1 + Δt), (Δt − mean)/(deviation + 10⁻⁶), tanh Δt. Log for
 * steps of widely varying length, normalised for consistent ones; audio at a fixed rate needs none (Δt = 1).
 * @param elapsed Δt ≥ 0 in units of the usual step
 */
export function scaleElapsed(
  elapsed: number,
  scaling: TimeScaling,
  { mean, deviation }: TimeStatistics = { mean: 0, deviation: 1 },
): number {
  switch (scaling) {
    case 'raw':
      return elapsed;
    case 'log':
      return Math.log1p(elapsed);
    case 'normalised':
      return (elapsed - mean) / (deviation + 1e-6);
    case 'bounded':
      return Math.tanh(elapsed);
  }
}

/** Mean and deviation (over n) of the steps of a recording. */
export function timeStatistics(steps: readonly number[]): TimeStatistics {
  const mean = steps.reduce((sum, step) => sum + step, 0) / steps.length;
  const variance = steps.reduce((sum, step) => sum + (step - mean) ** 2, 0) / steps.length;
  return { mean, deviation: Math.sqrt(variance) };
}
