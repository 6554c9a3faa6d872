/** How the doctor changes a learning rate. All results are rounded to two digits. */

/** Rates that a run may be too fast at although it was already lowered: the next one down is tried. */
const CAREFUL_RATES = [1e-4, 5e-5, 3e-5] as const;

/** Highest rate that is worth a try: the top of the usual sweep 1e-4, 3e-4, 1e-3, 3e-3. */
export const HIGHEST_RATE = 3e-3;

/** Rate from which a plateau is no longer a matter of a rate that is too low. */
export const HIGH_RATE = 1e-3;

/** A tenth, at most 1e-3; at 1e-4 and below the next careful rate, then 0.3×. For a run that diverged. */
export function tenfoldLower(rate: number): number {
  return rate > 1.5e-4 ? rounded(Math.min(HIGH_RATE, rate / 10)) : carefullyLower(rate);
}

/** 0.3×, at most 1e-3; at 1e-4 and below the next careful rate. For a run that oscillates or jumps. */
export function moderatelyLower(rate: number): number {
  return rate > 1.5e-4 ? rounded(Math.min(HIGH_RATE, rate * 0.3)) : carefullyLower(rate);
}

/** 3×, at least 1e-4 and at most {@link HIGHEST_RATE}. For a run that is stuck or slow. */
export function higher(rate: number): number {
  return Math.max(rate, Math.min(HIGHEST_RATE, Math.max(CAREFUL_RATES[0], rounded(rate * 3))));
}

function carefullyLower(rate: number): number {
  return CAREFUL_RATES.find((careful) => careful < rate * 0.99) ?? rounded(rate * 0.3);
}

function rounded(rate: number): number {
  return Number(rate.toPrecision(2));
}
