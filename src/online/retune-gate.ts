import { join } from 'node:path';
import { concat } from '../audio/concat.js';
import type { Model } from '../engine/model.js';
import { denoiseWhole } from '../evaluation/denoise-whole.js';
import { makeFolder } from '../files/atomic-file.js';
import { makeEvaluationSet } from '../training/data/evaluation-set.js';
import { libraryOf } from '../training/data/recordings.js';
import { clipsInMemory } from './clips-in-memory.js';
import type { GateSet } from './gate-scores.js';
import { writeNoise } from './noise-store.js';
import { openReplay, type ReplayFolders } from './replay.js';

/** Mixtures of 4 s from −5 to 15 dB in captured noise, and of −5 to 20 dB in others: sizes that decide 1 dB and 0.2 dB. */
const MATCHED = { count: 40, snrDb: [-5, 15] as [number, number], seed: 29 };
const ANCHOR = { count: 24, snrDb: [-5, 20] as [number, number], seed: 31 };
/** Mixtures that a person can listen to afterwards. */
const HEARD = 4;

/** What candidates for live use are judged by. @param noise captured, never trained on, `[time]` each */
export async function retuneGateSet(
  noise: readonly Float32Array[],
  replay: ReplayFolders,
  sampleRate: number,
  signal: AbortSignal | undefined,
): Promise<GateSet> {
  const { corpus, release } = await openReplay(replay, ['gateSpeech', 'gateNoise'], sampleRate, signal);
  try {
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
  } finally {
    release();
  }
}

/**
 * Writes what the judgement heard, for a person to hear: as it was, through the champion, through the candidate.
 * @returns the paths of the three files
 */
export async function writeListening(
  folder: string,
  name: string,
  { matched }: GateSet,
  champion: Model,
  candidate: Model,
): Promise<string[]> {
  makeFolder(folder);
  const { sampleRate } = champion.info;
  const step = Math.max(1, Math.floor(matched.length / HEARD));
  const noisy = concat(matched.filter((_, i) => i % step === 0).map((mixture) => mixture.noisy));
  const through = async (model: Model): Promise<Float32Array> =>
    (await denoiseWhole(model, noisy, { as: 'live' })).denoised;
  const sounds = { noisy, champion: await through(champion), candidate: await through(candidate) };
  const paths: string[] = [];
  for (const [kind, samples] of Object.entries(sounds)) {
    const path = join(folder, `${name}-${kind}.wav`);
    await writeNoise(path, samples, sampleRate);
    paths.push(path);
  }
  return paths;
}
