import type { Newcomer } from './newcomer.js';
import type { SlotLane } from './slot-lane.js';

/**
 * Takes output from `start` up to `limit`, as far as it is there: that of `current`, and from `newcomer.fadesFrom` on, over
 * `fadeSamples`, more and more of the newcomer's.
 */
export function takeMixed(
  current: SlotLane,
  newcomer: Newcomer | undefined,
  start: number,
  limit: number,
  fadeSamples: number,
): Float32Array[] {
  const from = newcomer?.fadesFrom ?? Number.POSITIVE_INFINITY;
  let end = Math.min(limit, current.end);
  if (end > from) end = Math.max(from, Math.min(end, newcomer!.lane!.end));
  const out = current.take(start, Math.max(start, end));
  if (end <= Math.max(start, from)) return out;
  const first = Math.max(start, from);
  const next = newcomer!.lane!.take(first, end);
  out.forEach((channel, c) => {
    crossFade(channel.subarray(first - start), next[c], first - from, fadeSamples);
  });
  return out;
}

/** Goes linearly from `out` to `next`, in place; `at` samples of the `length` of the fade lie behind already. */
function crossFade(out: Float32Array, next: Float32Array, at: number, length: number): void {
  for (let n = 0; n < out.length; n++) {
    const weight = (at + n + 0.5) / length;
    // To the bit what it will be from here on.
    out[n] = weight >= 1 ? next[n] : out[n] + weight * (next[n] - out[n]);
  }
}
