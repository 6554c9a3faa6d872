/** Order of the linear predictors: what the reference encoder takes by default. */
export const LPC_ORDER = 8;

/** Bits of a weight, sign included: what the reference encoder takes for blocks of 4096. */
export const LPC_PRECISION = 14;

/** A linear predictor: the sum of `weights[j]` times the sample `j + 1` places back, shifted right by `shift` bits. */
export interface Predictor {
  weights: readonly number[];
  shift: number;
}

/**
 * What a predictor of order {@link LPC_ORDER} leaves of samples, from the ninth on.
 *
 * @returns the sum of its absolute values, and the largest of them
 */
export function linearResidual(
  { weights, shift }: Predictor,
  samples: Float64Array,
  residual: Float64Array,
  frames: number,
): { sum: number; largest: number } {
  const [a, b, c, d, e, f, g, h] = weights;
  const scale = 2 ** -shift;
  let sum = 0;
  let largest = 0;
  for (let i = LPC_ORDER; i < frames; i++) {
    // Written out, as this is half of what encoding takes.
    const predicted =
      a * samples[i - 1] +
      b * samples[i - 2] +
      c * samples[i - 3] +
      d * samples[i - 4] +
      e * samples[i - 5] +
      f * samples[i - 6] +
      g * samples[i - 7] +
      h * samples[i - 8];
    const left = samples[i] - Math.floor(predicted * scale);
    residual[i] = left;
    const size = Math.abs(left);
    sum += size;
    if (size > largest) largest = size;
  }
  return { sum, largest };
}

let windowed = new Float64Array(0);
let window = new Float64Array(0);

/**
 * The predictor that leaves the least energy, by autocorrelation and the Levinson–Durbin recursion, its weights rounded.
 *
 * @param samples `[frames]` and more
 * @returns `undefined` where there is nothing to predict from
 */
export function linearPredictor(samples: Float64Array, frames: number): Predictor | undefined {
  if (frames <= 2 * LPC_ORDER) return undefined;
  if (window.length !== frames) {
    windowed = new Float64Array(frames);
    // Welch's window: the ends of a block must not look like edges.
    window = Float64Array.from({ length: frames }, (_, i) => 1 - ((2 * i + 1 - frames) / (frames + 1)) ** 2);
  }
  for (let i = 0; i < frames; i++) windowed[i] = samples[i] * window[i];
  const correlation = autocorrelation(frames);
  return correlation[0] > 0 ? quantised(levinsonDurbin(correlation)) : undefined;
}

/** Of what stands in `windowed`, lags 0 to 8; three at a time, as each sample is then loaded once for them. */
function autocorrelation(frames: number): Float64Array {
  const out = new Float64Array(LPC_ORDER + 1);
  for (let lag = 0; lag <= LPC_ORDER; lag += 3) {
    let [none, one, two] = [0, 0, 0];
    for (let i = lag + 2; i < frames; i++) {
      const sample = windowed[i];
      none += sample * windowed[i - lag];
      one += sample * windowed[i - lag - 1];
      two += sample * windowed[i - lag - 2];
    }
    out.set([none, one, two], lag);
  }
  return out;
}

function levinsonDurbin(correlation: Float64Array): Float64Array {
  const weights = new Float64Array(LPC_ORDER);
  let error = correlation[0];
  for (let i = 0; i < LPC_ORDER && error > 0; i++) {
    let reflection = correlation[i + 1];
    for (let j = 0; j < i; j++) reflection -= weights[j] * correlation[i - j];
    reflection /= error;
    const before = weights.slice(0, i);
    for (let j = 0; j < i; j++) weights[j] -= reflection * before[i - 1 - j];
    weights[i] = reflection;
    error *= 1 - reflection * reflection;
  }
  return weights;
}

function quantised(weights: Float64Array): Predictor | undefined {
  const largest = weights.reduce((most, weight) => Math.max(most, Math.abs(weight)), 0);
  if (!(largest > 0)) return undefined;
  const shift = Math.min(15, LPC_PRECISION - 2 - Math.floor(Math.log2(largest)));
  if (shift < 0) return undefined;
  const limit = 2 ** (LPC_PRECISION - 1);
  // What rounding takes from one weight is given to the next.
  let carried = 0;
  const rounded = Array.from(weights, (weight) => {
    const wanted = weight * 2 ** shift + carried;
    const taken = Math.max(-limit, Math.min(limit - 1, Math.round(wanted)));
    carried = wanted - taken;
    return taken;
  });
  return { weights: rounded, shift };
}
