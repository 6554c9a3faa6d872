import type { BitWriter } from './bit-writer.js';
import { LPC_ORDER, LPC_PRECISION, linearPredictor, linearResidual, type Predictor } from './lpc.js';
import { planRice, type RicePlan, writeRice } from './rice.js';
import { FIXED_PREDICTORS } from './subframe.js';

/** Residuals must fit 32 bits, but for the smallest of those (RFC 9639, section 9.2.7.3). */
const RESIDUAL_LIMIT = 2 ** 31 - 1;

/** A way to code a channel whose residual stands in {@link residual}. */
interface Candidate {
  /** `undefined`: the fixed one of order `warmUp`. */
  predictor: Predictor | undefined;
  /** As the subframe header has it: 8 + order for fixed predictors, 31 + order for linear ones. */
  kind: number;
  /** Samples that are written as they are. */
  warmUp: number;
  plan: RicePlan;
  bits: number;
}

let residual = new Float64Array(0);

/**
 * Writes one channel of a frame in the shortest of the forms that are tried: constant, fixed predictor, linear predictor
 * of order 8, plain (RFC 9639, section 9.2).
 *
 * @param samples integers, `[frames]` and more; may be scaled down to leave out bits that are always zero
 * @param width bits per sample, 4 to 33
 */
export function encodeSubframe(out: BitWriter, samples: Float64Array, frames: number, width: number): void {
  if (samples.subarray(0, frames).every((sample) => sample === samples[0])) {
    out.write(0, 8);
    out.write(samples[0], width);
    return;
  }
  const wasted = takeWastedBits(samples, frames);
  const coded = width - wasted;
  const best = bestCandidate(samples, frames, coded);
  const plain = best === undefined || best.bits >= frames * coded;
  out.write(plain ? 1 : best.kind, 7);
  out.write(wasted > 0 ? 1 : 0, 1);
  if (wasted > 0) out.writeUnary(wasted - 1);
  const warmUp = plain ? frames : best.warmUp;
  for (let i = 0; i < warmUp; i++) out.write(samples[i], coded);
  if (plain) return;
  const { predictor, plan } = best;
  if (predictor !== undefined) {
    out.write(LPC_PRECISION - 1, 4);
    out.write(predictor.shift, 5);
    for (const weight of predictor.weights) out.write(weight, LPC_PRECISION);
  }
  writeRice(out, residual, warmUp, frames, plan);
}

/** Divides by the largest power of two that divides all samples; returns its exponent. */
function takeWastedBits(samples: Float64Array, frames: number): number {
  let all = 0;
  for (let i = 0; i < frames; i++) {
    // Side channels of 32-bit stereo do not fit the operators for bits.
    if (Math.abs(samples[i]) >= 2 ** 31) return 0;
    all |= samples[i];
    if ((all & 1) !== 0) return 0;
  }
  const wasted = 31 - Math.clz32(all & -all);
  const scale = 2 ** -wasted;
  for (let i = 0; i < frames; i++) samples[i] *= scale;
  return wasted;
}

/** The predictor that leaves less in sum, with the plan for what it leaves; none where that does not fit 32 bits. */
function bestCandidate(samples: Float64Array, frames: number, width: number): Candidate | undefined {
  if (residual.length < frames) residual = new Float64Array(frames);
  const fixed = bestFixedOrder(samples, frames);
  const predictor = linearPredictor(samples, frames);
  if (predictor !== undefined) {
    const { sum, largest } = linearResidual(predictor, samples, residual, frames);
    if (sum < fixed.sum && largest < RESIDUAL_LIMIT) {
      const plan = planRice(residual, LPC_ORDER, frames);
      const head = LPC_ORDER * (width + LPC_PRECISION) + 9;
      return { predictor, kind: 31 + LPC_ORDER, warmUp: LPC_ORDER, plan, bits: head + plan.bits };
    }
  }
  const { order } = fixed;
  if (fixedResidual(samples, frames, order) >= RESIDUAL_LIMIT) return undefined;
  const plan = planRice(residual, order, frames);
  return { predictor: undefined, kind: 8 + order, warmUp: order, plan, bits: order * width + plan.bits };
}

/** The order whose residual is smallest in sum: differences of differences. */
function bestFixedOrder(samples: Float64Array, frames: number): { order: number; sum: number } {
  let [none, one, two, three, four] = [0, 0, 0, 0, 0];
  let [a, b, c, d] = [0, 0, 0, 0];
  for (let i = 0; i < frames; i++) {
    const first = samples[i] - a;
    const second = first - b;
    const third = second - c;
    const fourth = third - d;
    [a, b, c, d] = [samples[i], first, second, third];
    // The first differences are between samples and nothing.
    if (i < 4) continue;
    none += Math.abs(a);
    one += Math.abs(first);
    two += Math.abs(second);
    three += Math.abs(third);
    four += Math.abs(fourth);
  }
  const sums = [none, one, two, three, four].slice(0, frames);
  const sum = Math.min(...sums);
  return { order: sums.indexOf(sum), sum };
}

/** Fills `residual` from `order` on with what the fixed predictor leaves; returns the largest size in it. */
function fixedResidual(samples: Float64Array, frames: number, order: number): number {
  const [a = 0, b = 0, c = 0, d = 0] = FIXED_PREDICTORS[order];
  let largest = 0;
  for (let i = order; i < frames; i++) {
    let left = samples[i];
    if (order > 0) left -= a * samples[i - 1];
    if (order > 1) left -= b * samples[i - 2];
    if (order > 2) left -= c * samples[i - 3];
    if (order > 3) left -= d * samples[i - 4];
    residual[i] = left;
    if (Math.abs(left) > largest) largest = Math.abs(left);
  }
  return largest;
}
