import type { BitWriter } from './bit-writer.js';

/** Finest division of a block that is tried: 64 partitions. */
const FINEST_ORDER = 6;

/** Parameters beyond this need 5 bits each. */
const SHORT_PARAMETERS = 14;
const LARGEST_PARAMETER = 30;

/** How the residual of a subframe is to be written. */
export interface RicePlan {
  /** The block has 2^order partitions. */
  order: number;
  /** One for each partition. */
  parameters: number[];
  /** What the residual takes, nearly, in bits. */
  bits: number;
}

/**
 * The cheapest way to code a residual.
 *
 * @param residual `[frames]`, from `warmUp` on
 */
export function planRice(residual: Float64Array, warmUp: number, frames: number): RicePlan {
  let finest = 0;
  while (finest < FINEST_ORDER && frames % 2 ** (finest + 1) === 0 && frames >> (finest + 1) > warmUp)
    finest++;
  let sums = partitionSums(residual, warmUp, frames, finest);
  let best: RicePlan | undefined;
  for (let order = finest; order >= 0; order--) {
    const plan = planOrder(sums, frames >> order, warmUp, order);
    if (best === undefined || plan.bits < best.bits) best = plan;
    sums = Array.from({ length: sums.length / 2 }, (_, i) => sums[2 * i] + sums[2 * i + 1]);
  }
  return best as RicePlan;
}

function partitionSums(residual: Float64Array, warmUp: number, frames: number, order: number): number[] {
  const size = frames >> order;
  const sums: number[] = [];
  for (let from = warmUp, to = size; to <= frames; from = to, to += size) {
    let sum = 0;
    for (let i = from; i < to; i++) sum += Math.abs(residual[i]);
    // A code is twice what it stands for, less one where that is negative: every other time.
    sums.push(Math.max(0, 2 * sum - (to - from) / 2));
  }
  return sums;
}

function planOrder(sums: readonly number[], size: number, warmUp: number, order: number): RicePlan {
  let bits = 6;
  const parameters = sums.map((sum, p) => {
    const count = p === 0 ? size - warmUp : size;
    // With the mean m, about log2(m · ln 2) bits are best left uncoded.
    const guess = Math.floor(Math.log2(Math.max(1, (sum / Math.max(1, count)) * Math.LN2)));
    let chosen = 0;
    let least = Infinity;
    for (let k = Math.max(0, guess); k <= Math.min(guess + 1, LARGEST_PARAMETER); k++) {
      const cost = count * (k + 1) + sum / 2 ** k;
      if (cost < least) [chosen, least] = [k, cost];
    }
    bits += least + 5;
    return chosen;
  });
  return { order, parameters, bits };
}

/** Writes a residual as planned (RFC 9639, section 9.2.7). */
export function writeRice(
  out: BitWriter,
  residual: Float64Array,
  warmUp: number,
  frames: number,
  plan: RicePlan,
): void {
  const { order, parameters } = plan;
  const method = parameters.some((parameter) => parameter > SHORT_PARAMETERS) ? 1 : 0;
  out.write(method, 2);
  out.write(order, 4);
  const size = frames >> order;
  for (const [p, parameter] of parameters.entries()) {
    out.write(parameter, 4 + method);
    out.writeRice(residual, Math.max(warmUp, p * size), (p + 1) * size, parameter);
  }
}
