import { join } from 'node:path';
import type { Checkpoint } from '../../models/checkpoint.js';
import { concat } from '../audio/concat.js';
import { Model } from '../engine/model.js';
import { denoiseWhole } from '../evaluation/denoise-whole.js';
import { makeFolder } from '../files/atomic-file.js';
import { makeEvaluationSet } from '../training/data/evaluation-set.js';
import { libraryOf, type Recordings } from '../training/data/recordings.js';
import { splitLibrary } from '../training/data/split.js';
import { clipsInMemory } from './clips-in-memory.js';
import { type GateLimits, LIVE_LIMITS } from './gate.js';
import type { GateSet } from './gate-scores.js';
import { writeNoise } from './noise-store.js';
import type { Corpus } from './replay.js';
import { HELD_OUT, SEED } from './retune-training.js';

/** Mixtures of 4 s from −5 to 15 dB in captured noise, and of −5 to 20 dB in others: sizes that decide 1 dB and 0.2 dB. */
const MATCHED = { count: 40, snrDb: [-5, 15] as [number, number], seed: 29 };
const ANCHOR = { count: 24, snrDb: [-5, 20] as [number, number], seed: 31 };
/** What a point between champion and tuned weights is chosen by: half of what the gate allows, because other sounds decide there. */
export const CHOICE_LIMITS: GateLimits = {
  ...LIVE_LIMITS,
  gainDb: 0,
  estoiLoss: 0,
  anchorLossDb: 0.1,
  cleanLossDb: 0.25,
  residueDb: 0.25,
};
const CHOICE_COUNT = 16;
const CHOICE_SECONDS = 3;
/** Mixtures that a person can listen to afterwards. */
const HEARD = 4;

/** What candidates for live use are judged by. @param noise captured, never trained on, `[time]` each */
export function retuneGateSet(
  noise: readonly Float32Array[],
  corpus: Corpus<'gateSpeech' | 'gateNoise'>,
  sampleRate: number,
): GateSet {
  const speech = libraryOf(corpus.gateSpeech);
  const place = clipsInMemory(
    sampleRate,
    Object.fromEntries(noise.map((samples, i) => [`place_${i}.wav`, samples])),
  );
  const matched = makeEvaluationSet({ speech, noise: libraryOf(place), ...MATCHED });
  return {
    matched,
    anchor: makeEvaluationSet({ speech, noise: libraryOf(corpus.gateNoise), ...ANCHOR }),
    clean: matched.slice(0, 8).map(({ clean }) => clean),
    noise: noise.slice(0, 4).map((samples) => samples.subarray(0, 4 * sampleRate)),
  };
}

/** What is held out of the training's own recordings: neither trained on nor known to the gate. */
export function retuneChoiceSet(corpus: Corpus<'speech' | 'noise' | 'captured'>): GateSet {
  const heldOut = (recordings: Recordings) => splitLibrary(libraryOf(recordings), HELD_OUT, SEED).validation;
  const speech = heldOut(corpus.speech);
  const size = { count: CHOICE_COUNT, seconds: CHOICE_SECONDS };
  const matched = makeEvaluationSet({
    ...{ speech, noise: heldOut(corpus.captured), ...size, snrDb: MATCHED.snrDb, seed: 37 },
  });
  return {
    matched,
    anchor: makeEvaluationSet({
      ...{ speech, noise: heldOut(corpus.noise), ...size, snrDb: ANCHOR.snrDb, seed: 41 },
    }),
    clean: matched.slice(0, 6).map(({ clean }) => clean),
    noise: [],
  };
}

/**
 * Writes what the judgement heard, for a person to hear: as it was, and through each of the models.
 * @returns the paths of the files
 */
export async function writeListening(
  folder: string,
  name: string,
  { matched }: GateSet,
  models: Readonly<Record<'champion' | 'candidate', Checkpoint>>,
): Promise<string[]> {
  makeFolder(folder);
  const step = Math.max(1, Math.floor(matched.length / HEARD));
  const noisy = concat(matched.filter((_, i) => i % step === 0).map((mixture) => mixture.noisy));
  const paths: string[] = [];
  const write = async (kind: string, samples: Float32Array): Promise<void> => {
    const path = join(folder, `${name}-${kind}.wav`);
    await writeNoise(path, samples, models.champion.info.sampleRate);
    paths.push(path);
  };
  await write('noisy', noisy);
  for (const [kind, { bytes }] of Object.entries(models)) {
    const model = await Model.fromBytes(bytes, { device: 'cpu' });
    try {
      await write(kind, (await denoiseWhole(model, noisy, { as: 'live' })).denoised);
    } finally {
      await model.close();
    }
  }
  return paths;
}
