import type { Stretch } from './noise-finder.js';

/** Where two pieces meet they overlap by this much, seconds: no click. */
const JOIN_SECONDS = 0.01;
/** Longest piece that goes to one side, seconds. */
const MOST_PIECE_SECONDS = 2;
/** At least so many pieces, where there is little noise: one of three is kept for the judgement. */
const LEAST_PIECES = 6;
/** What training is given is at least so long, seconds: it plays shorter sounds with pauses between. */
const LEAST_CLIP_SECONDS = 1.2;

/** Noise of one place: what a model is tuned to, and what it is judged on. */
export interface SplitNoise {
  /** `[time]` */
  train: Float32Array;
  /** `[time]` */
  gate: Float32Array;
}

/**
 * Cuts stretches of noise into pieces of at most two seconds and gives every third to the judgement: both sides have
 * heard the place from its first to its last minute.
 */
export function splitNoise(
  samples: Float32Array,
  stretches: readonly Stretch[],
  sampleRate: number,
): SplitNoise {
  const total = stretches.reduce((sum, { from, to }) => sum + to - from, 0);
  const piece = Math.ceil(Math.min(MOST_PIECE_SECONDS * sampleRate, total / LEAST_PIECES));
  const sides: { train: Float32Array[]; gate: Float32Array[] } = { train: [], gate: [] };
  let k = 0;
  for (const { from, to } of stretches) {
    const count = Math.max(1, Math.round((to - from) / piece));
    for (let i = 0; i < count; i++) {
      const at = (share: number): number => Math.round(from + ((to - from) * share) / count);
      sides[k++ % 3 === 2 ? 'gate' : 'train'].push(samples.subarray(at(i), at(i + 1)));
    }
  }
  const join = (pieces: readonly Float32Array[]): Float32Array =>
    longEnough(joinPieces(pieces, sampleRate), sampleRate);
  return { train: join(sides.train), gate: join(sides.gate) };
}

/** One sound of many: neighbours fade into each other at equal power. */
function joinPieces(pieces: readonly Float32Array[], sampleRate: number): Float32Array {
  const fade = Math.round(JOIN_SECONDS * sampleRate);
  const out = new Float32Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    const overlap = Math.min(fade, at, piece.length);
    at -= overlap;
    for (let i = 0; i < overlap; i++) {
      const angle = ((i + 0.5) / overlap) * (Math.PI / 2);
      out[at + i] = out[at + i] * Math.cos(angle) + piece[i] * Math.sin(angle);
    }
    out.set(piece.subarray(overlap), at + overlap);
    at += piece.length;
  }
  return out.slice(0, at);
}

function longEnough(samples: Float32Array, sampleRate: number): Float32Array {
  if (samples.length === 0) return samples;
  let out = samples;
  while (out.length < LEAST_CLIP_SECONDS * sampleRate) out = joinPieces([out, samples], sampleRate);
  return out;
}
