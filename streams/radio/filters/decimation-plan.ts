import { kaiserWidth, lowPassTaps } from './kaiser.js';

/** Aliases end up this far below the wanted signal: beyond the 50 dB of an 8-bit dongle and its processing gain. */
const ALIAS_ATTENUATION_DB = 80;

export interface DecimationPlan {
  /** Rate after all stages, Hz. */
  rate: number;
  /** Product of all factors. */
  factor: number;
  stages: { factor: number; taps: Float64Array }[];
}

/** Multiplications per input sample that stages of these factors need when ±`edgeHz` must stay free of aliases. */
function cost(factors: readonly number[], rate: number, edgeHz: number): number {
  let at = rate;
  let total = 0;
  for (const factor of factors) {
    const transition = (at / factor - 2 * edgeHz) / at;
    total += (kaiserWidth(ALIAS_ATTENUATION_DB, transition) * at) / factor / rate;
    at /= factor;
  }
  return total;
}

/** Ordered factorisations of `n` into at most `stages` factors ≥ 2. */
function* factorisations(n: number, stages: number): Generator<number[]> {
  if (n === 1) yield [];
  if (n === 1 || stages === 0) return;
  for (let f = 2; f <= n; f++) {
    if (n % f === 0) for (const rest of factorisations(n / f, stages - 1)) yield [f, ...rest];
  }
}

/**
 * The cheapest cascade of at most four decimating filters from `inputRate` to a rate in
 * [`minRate`, 1.6 · `minRate`] that keeps ±`edgeHz` free of aliases.
 * @param channelTaps number of taps of the filter that will run at the final rate, which counts into the cost.
 */
export function planDecimation(
  inputRate: number,
  minRate: number,
  edgeHz: number,
  channelTaps: (rate: number) => number,
): DecimationPlan {
  const largest = Math.max(1, Math.floor(inputRate / minRate));
  const smallest = Math.max(1, Math.ceil(inputRate / (1.6 * minRate)));
  let best: number[] = [];
  let bestCost = Number.POSITIVE_INFINITY;
  for (let factor = Math.min(smallest, largest); factor <= largest; factor++) {
    for (const factors of factorisations(factor, 4)) {
      const total = cost(factors, inputRate, edgeHz) + channelTaps(inputRate / factor) / factor;
      if (total < bestCost) {
        bestCost = total;
        best = factors;
      }
    }
  }
  let rate = inputRate;
  const stages = best.map((factor) => {
    const next = rate / factor;
    const taps = lowPassTaps({
      rate,
      passHz: edgeHz,
      stopHz: next - edgeHz,
      attenuationDb: ALIAS_ATTENUATION_DB,
    });
    rate = next;
    return { factor, taps };
  });
  return { rate, factor: best.reduce((a, b) => a * b, 1), stages };
}
