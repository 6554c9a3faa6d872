import { meanPower, powerToDb } from '../audio/metrics/levels.js';
import { siSdr } from '../audio/metrics/si-sdr.js';
import { estoi } from '../audio/metrics/stoi.js';
import type { Model } from '../engine/model.js';
import { type DenoiseWholeOptions, denoiseWhole } from '../evaluation/denoise-whole.js';
import type { EvaluationMixture } from '../training/data/evaluation-set.js';

/** What candidates are tried on. All audio is at the rate of the models, one channel. */
export interface GateSet {
  /** Held-out speech in noise of the place that no candidate was trained on. */
  matched: readonly EvaluationMixture[];
  /** Held-out speech in other noises: what must not be forgotten. */
  anchor: readonly EvaluationMixture[];
  /** Speech without noise. */
  clean: readonly Float32Array[];
  /** Noise of the place without speech. */
  noise: readonly Float32Array[];
}

/** What a model did on a {@link GateSet}, one number per recording. */
export interface GateScores {
  /** SI-SDR, dB. */
  matched: number[];
  matchedEstoi: number[];
  anchor: number[];
  anchorEstoi: number[];
  /** SI-SDR of clean speech that went through the model, dB: what it breaks where there is nothing to remove. */
  clean: number[];
  /** Power of what is left of noise alone, dBFS. */
  residue: number[];
  /** Samples that were NaN or infinite. */
  notFinite: number;
  /** Largest difference between a recording in one piece and in uneven chunks. */
  streamingError: number;
  /** Computing time per second of audio. */
  load: number;
}

/** Lengths of the uneven chunks: prime, so that they meet every phase of a hop. */
const CHUNKS = [997, 61, 4099, 307];
/** Below this, −140 dBFS, a residue is digital silence. */
const SILENT_POWER = 1e-14;

/** Runs a model over everything that it is judged by. @param hearing see {@link DenoiseWholeOptions} */
export async function gateScores(
  model: Model,
  set: GateSet,
  hearing: NonNullable<DenoiseWholeOptions['as']>,
): Promise<GateScores> {
  const rate = model.info.sampleRate;
  const scores: GateScores = {
    matched: [],
    matchedEstoi: [],
    anchor: [],
    anchorEstoi: [],
    clean: [],
    residue: [],
    notFinite: 0,
    streamingError: 0,
    load: 0,
  };
  let seconds = 0;
  let milliseconds = 0;
  const run = async (samples: Float32Array, chunks?: readonly number[]): Promise<Float32Array> => {
    const { denoised, milliseconds: spent } = await denoiseWhole(model, samples, {
      as: hearing,
      ...(chunks && { chunks }),
    });
    seconds += samples.length / rate;
    milliseconds += spent;
    scores.notFinite += denoised.reduce((count, value) => count + (Number.isFinite(value) ? 0 : 1), 0);
    return denoised;
  };
  for (const name of ['matched', 'anchor'] as const)
    for (const { noisy, clean } of set[name]) {
      const out = await run(noisy);
      scores[name].push(siSdr(out, clean));
      scores[`${name}Estoi`].push(estoi(clean, out, rate));
    }
  for (const clean of set.clean) scores.clean.push(siSdr(await run(clean), clean));
  for (const noise of set.noise)
    scores.residue.push(powerToDb(Math.max(SILENT_POWER, meanPower(await run(noise)))));
  const [tried] = [...set.matched, ...set.anchor];
  const whole = await run(tried.noisy);
  const pieces = await run(tried.noisy, CHUNKS);
  for (let i = 0; i < whole.length; i++)
    scores.streamingError = Math.max(scores.streamingError, Math.abs(whole[i] - pieces[i]));
  scores.load = milliseconds / 1000 / seconds;
  return scores;
}
