import { frameLevels } from './recording-quality.js';

const FRAME = 320;
/** Frames this far under the loud ones are pauses, dB. */
const PAUSE_DB = 38;
/** Pauses inside are cut to twice this, and the ends to this and a little: 0.2 and 0.14 s. */
const KEPT = 10;
const KEPT_AT_ENDS = 7;
/** Level of active speech after {@link levelled}, dBFS. */
const LEVEL_DB = -26;
const HIGHEST_PEAK = 0.95;

/** A recording without long pauses, faded by 5 ms wherever it was cut. Empty when it holds nothing but silence. */
export function withoutPauses(samples: Float32Array): Float32Array {
  const levels = frameLevels(samples);
  const loud = Float64Array.from(levels).sort()[Math.floor(0.98 * levels.length)] ?? -120;
  const active = Array.from(levels, (level) => level > loud - PAUSE_DB);
  const first = active.indexOf(true);
  const last = active.lastIndexOf(true);
  if (first < 0 || loud < -119) return new Float32Array(0);
  const from = Math.max(0, first - KEPT_AT_ENDS);
  const to = Math.min(levels.length, last + KEPT_AT_ENDS + 1);
  // Stretches to keep: everything but the middle of each pause longer than 2 · KEPT frames.
  const stretches: [number, number][] = [];
  let start = from;
  let silentSince = from;
  for (let f = from; f < to; f++) {
    if (!active[f]) continue;
    if (f - silentSince > 2 * KEPT && f > first) {
      stretches.push([start, silentSince + KEPT]);
      start = f - KEPT;
    }
    silentSince = f + 1;
  }
  stretches.push([start, to]);
  const kept = stretches.map(([a, b]) => faded(samples.slice(a * FRAME, b * FRAME)));
  return joined(kept);
}

/** One after the other. */
export function joined(parts: readonly Float32Array[]): Float32Array {
  const whole = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function faded(samples: Float32Array): Float32Array {
  const fade = Math.min(80, samples.length >> 1);
  for (let i = 0; i < fade; i++) {
    samples[i]! *= i / fade;
    samples[samples.length - 1 - i]! *= i / fade;
  }
  return samples;
}

/** Scales so that the frames within 30 dB of the loudest have −26 dBFS, or less where the peak would exceed 0.95. */
export function levelled(samples: Float32Array): Float32Array {
  const levels = frameLevels(samples);
  const loudest = levels.reduce((a, b) => Math.max(a, b), -120);
  const active = levels.filter((level) => level > loudest - 30);
  if (active.length === 0) return samples;
  const power = active.reduce((sum, level) => sum + 10 ** (level / 10), 0) / active.length;
  const highest = samples.reduce((a, b) => Math.max(a, Math.abs(b)), 1e-9);
  const gain = Math.min(10 ** (LEVEL_DB / 20) / Math.sqrt(power), HIGHEST_PEAK / highest);
  return samples.map((value) => value * gain);
}

/**
 * Groups of recordings of one voice that are joined into clips: each until it is `seconds` long, none when 0, and the
 * whole no longer than `most`.
 */
export function joinPlan(lengths: readonly number[], seconds: number, most: number): number[][] {
  const clips: number[][] = [];
  let open: number[] = [];
  let [length, total] = [0, 0];
  for (const [i, one] of lengths.entries()) {
    if (total >= most) break;
    open.push(i);
    length += one;
    total += one;
    if (length < seconds) continue;
    clips.push(open);
    open = [];
    length = 0;
  }
  if (open.length > 0) clips.push(open);
  return clips;
}
