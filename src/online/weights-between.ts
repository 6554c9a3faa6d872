import { Checkpoint, writeCheckpoint } from '../../models/checkpoint.js';
import { type GateLimits, judge } from './gate.js';
import { type GateSet, scoresOf } from './gate-scores.js';

/** Shares of the way from the champion to the tuned weights that are tried. */
const SHARES = [1, 0.75, 0.5, 0.25];

export interface WeightsBetween {
  checkpoint: Checkpoint;
  /** How far it is from the champion to the tuned weights, 0…1. */
  share: number;
}

/**
 * The best model on the straight line from the champion to the model tuned from it: the one that gains most of those that
 * harm nothing; where all do, the nearest to the champion. Halfway, a tuned model keeps most of its gain and has forgotten
 * a quarter: what it gains grows with the distance at first, what it forgets with its square (WiSE-FT, arXiv 2109.01903).
 *
 * @param set nothing of what the gate judges by: else the gate would judge what was chosen for it
 */
export async function bestBetween(
  {
    champion,
    tuned,
    dayZero = champion,
  }: {
    champion: Checkpoint;
    tuned: Checkpoint;
    /** The model that the champion was once tuned from: see {@link judge}. Default: the champion. */
    dayZero?: Checkpoint;
  },
  set: GateSet,
  hearing: 'live' | 'recording',
  limits: GateLimits,
): Promise<WeightsBetween> {
  const before = await scoresOf(champion, set, hearing);
  const origin = dayZero === champion ? before : await scoresOf(dayZero, set, hearing);
  let best: (WeightsBetween & { gainDb: number }) | undefined;
  let nearest: WeightsBetween | undefined;
  for (const share of SHARES) {
    nearest = { checkpoint: share === 1 ? tuned : between(champion, tuned, share), share };
    const { checks, gain } = judge(before, await scoresOf(nearest.checkpoint, set, hearing), limits, origin);
    const harmless = checks.every(
      ({ name, holds }) => holds || name === 'gain' || name === 'gain is certain',
    );
    if (harmless && gain.mean > (best?.gainDb ?? Number.NEGATIVE_INFINITY))
      best = { ...nearest, gainDb: gain.mean };
  }
  const { checkpoint, share } = best ?? nearest!;
  return { checkpoint, share };
}

/** Weights on the way from one model to another of its shape. */
function between(from: Checkpoint, to: Checkpoint, share: number): Checkpoint {
  const { family, config, variables: a } = from.variables();
  const { variables: b } = to.variables();
  const mix = (x: Float32Array, y: Float32Array): Float32Array =>
    x.map((value, i) => value + share * (y[i] - value));
  const { name, training, dataHash, parent } = to.info;
  return Checkpoint.parse(
    writeCheckpoint(
      family,
      config,
      { weights: mix(a.weights, b.weights), buffers: mix(a.buffers, b.buffers) },
      {
        name,
        training: { ...(training as object), shareOfWay: share },
        ...(dataHash !== undefined && { dataHash }),
        ...(parent !== undefined && { parent }),
      },
    ),
  );
}
