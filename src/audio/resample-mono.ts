import { Resampler } from './resample.js';

/**
 * A whole recording `[time]` at another rate, its first sample where it was, as long as {@link Resampler} makes it; itself
 * where the rates are the same.
 *
 * @param from Hz, a whole number @param to Hz, a whole number
 * @throws UsageError `E_RATE` where a rate is not a positive whole number
 */
export function resampleMono(samples: Float32Array, from: number, to: number): Float32Array {
  if (from === to) return samples;
  const resampler = new Resampler(1, from, to);
  const [head] = resampler.process([samples]);
  const [tail] = resampler.flush();
  const whole = new Float32Array(head.length + tail.length);
  whole.set(head);
  whole.set(tail, head.length);
  return whole;
}
