/** A gap before a chunk: how many samples it lost (`undefined` if unknown), and why. */
export interface Discontinuity {
  lostSamples?: bigint;
  reason: string;
}

/**
 * Two gaps with nothing between them, as one: the losses add up, an unknown loss makes the sum unknown, and each
 * reason is named once.
 */
export function mergeDiscontinuities(
  first: Discontinuity | undefined,
  second: Discontinuity | undefined,
): Discontinuity | undefined {
  if (first === undefined || second === undefined) return first ?? second;
  const known = first.lostSamples !== undefined && second.lostSamples !== undefined;
  const reason = first.reason.includes(second.reason) ? first.reason : `${first.reason}; ${second.reason}`;
  return known ? { lostSamples: first.lostSamples! + second.lostSamples!, reason } : { reason };
}
