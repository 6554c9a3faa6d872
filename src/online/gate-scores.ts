import type { Checkpoint } from '../../models/checkpoint.js';
import { meanPower, powerToDb } from '../audio/metrics/levels.js';
import { siSdr } from '../audio/metrics/si-sdr.js';
import { estoi } from '../audio/metrics/stoi.js';
import { Model } from '../engine/model.js';
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
/** Recordings that go through a model at the same time: 16 in one batch take a quarter of the time of 16 in a row. */
const AT_ONCE = 16;

/** Runs a model over everything that it is judged by. @param hearing see {@link DenoiseWholeOptions} */
export async function gateScores(
  model: Model,
  set: GateSet,
  hearing: NonNullable<DenoiseWholeOptions['as']>,
): Promise<GateScores> {
  const rate = model.info.sampleRate;
  let notFinite = 0;
  const run = async (samples: Float32Array, chunks?: readonly number[]) => {
    const result = await denoiseWhole(model, samples, { as: hearing, ...(chunks && { chunks }) });
    notFinite += result.denoised.reduce((count, value) => count + (Number.isFinite(value) ? 0 : 1), 0);
    return result;
  };
  const outputs = async (inputs: readonly Float32Array[]): Promise<Float32Array[]> => {
    const all: Float32Array[] = [];
    for (let i = 0; i < inputs.length; i += AT_ONCE)
      for (const { denoised } of await Promise.all(inputs.slice(i, i + AT_ONCE).map((one) => run(one))))
        all.push(denoised);
    return all;
  };
  const mixtures = async (of: readonly EvaluationMixture[]) => {
    const given = await outputs(of.map(({ noisy }) => noisy));
    return {
      siSdr: of.map(({ clean }, i) => siSdr(given[i], clean)),
      estoi: of.map(({ clean }, i) => estoi(clean, given[i], rate)),
    };
  };
  const matched = await mixtures(set.matched);
  const anchor = await mixtures(set.anchor);
  const clean = await outputs(set.clean);
  const residue = await outputs(set.noise);
  // By itself, as live audio is.
  const [{ noisy }] = [...set.matched, ...set.anchor];
  const whole = await run(noisy);
  const pieces = await run(noisy, CHUNKS);
  return {
    matched: matched.siSdr,
    matchedEstoi: matched.estoi,
    anchor: anchor.siSdr,
    anchorEstoi: anchor.estoi,
    clean: clean.map((given, i) => siSdr(given, set.clean[i])),
    residue: residue.map((given) => powerToDb(Math.max(SILENT_POWER, meanPower(given)))),
    notFinite,
    streamingError: whole.denoised.reduce(
      (most, x, i) => Math.max(most, Math.abs(x - pieces.denoised[i])),
      0,
    ),
    load: (whole.milliseconds * rate) / noisy.length / 1000,
  };
}

/** As {@link gateScores}, of a model that is opened for it. */
export async function scoresOf(
  { bytes }: Checkpoint,
  set: GateSet,
  hearing: NonNullable<DenoiseWholeOptions['as']>,
): Promise<GateScores> {
  const model = await Model.fromBytes(bytes, { device: 'cpu' });
  try {
    return await gateScores(model, set, hearing);
  } finally {
    await model.close();
  }
}
