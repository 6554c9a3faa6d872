import type { Checkpoint } from '../../models/checkpoint.js';
import { concat } from '../audio/concat.js';
import { meanPower, powerToDb } from '../audio/metrics/levels.js';
import type { Model } from '../engine/model.js';
import { denoiseWhole } from '../evaluation/denoise-whole.js';
import { activePower } from '../training/data/level.js';
import type { ClipLibrary } from '../training/data/library.js';
import { libraryOf } from '../training/data/recordings.js';
import { splitLibrary } from '../training/data/split.js';
import { ADAPT_LIMITS, adaptationSet, CHOICE_SIZE, compare, GATE_SIZE, type SetSize } from './adapt-gate.js';
import { trainOnRecording } from './adapt-training.js';
import type { GateReport } from './gate.js';
import { findNoise, findSpeech, type Stretch } from './noise-finder.js';
import { splitNoise } from './noise-of-place.js';
import { openCorpus, type ReplayFolders } from './replay.js';
import { HELD_OUT, SEED } from './retune-training.js';
import { bestBetween } from './weights-between.js';

export interface AdaptOptions {
  /** How long to train, seconds; default 40. */
  seconds?: number;
  /** Where there is noise alone, in samples at the model's rate. Default: it is looked for. */
  noise?: readonly Stretch[];
  replay: ReplayFolders;
  signal?: AbortSignal;
  /** Told what is being done. */
  onStage?(stage: AdaptStage): void;
}

export type AdaptStage = 'listening' | 'training' | 'judging';

/** What tuning a model to one recording came to. */
export interface Adaptation {
  /** The tuned model, where it is the better one. */
  checkpoint?: Checkpoint;
  /** Why, in one sentence. */
  reason: string;
  /** Noise that was found, seconds. */
  noiseSeconds: number;
  /** Speech over noise, dB; `undefined` where either was not found. */
  snrDb?: number;
  /** Optimiser steps that were made. */
  steps: number;
  /** How far the judged model is from the untuned weights to the tuned ones, 0…1. */
  share?: number;
  report?: GateReport;
}

/** With less noise than this, nothing could be kept for the judgement. Seconds. */
const LEAST_NOISE_SECONDS = 1.5;
/** Share of the noise for training that is trained on; what is chosen between its results is chosen by the rest. */
const TRAIN_SHARE = 0.85;
/** A recording is listened to in parts of at least this length, each after so much of what comes before it, seconds. */
const LEAST_PART_SECONDS = 20;
const LEAD_SECONDS = 2;
/** A recording is listened to for so long, seconds: an hour would take as long as the training. */
const MOST_SCAN_SECONDS = 900;

const ORDINARY_SNR_DB = 8;

/**
 * Tunes a model to the noise of one recording, judges it against the untuned one in a part of that noise that it was not
 * trained on, and gives it back if it is the better one.
 *
 * @param samples `[time]` at the model's rate, one channel
 * @param champion its own, already loaded as `model`
 * @throws the signal's reason; what training throws
 */
export async function adaptToRecording(
  samples: Float32Array,
  champion: Checkpoint,
  model: Model,
  options: AdaptOptions,
): Promise<Adaptation> {
  const { signal, onStage, replay } = options;
  const rate = model.info.sampleRate;
  onStage?.('listening');
  // Decoding the corpus takes another thread as long as listening takes this one.
  const { speech, noise: otherNoise, gateSpeech } = replay;
  const notNeeded = new AbortController();
  const opening = openCorpus(
    { speech, noise: otherNoise, gateSpeech },
    rate,
    AbortSignal.any([notNeeded.signal, ...(signal ? [signal] : [])]),
  );
  opening.catch(() => {});
  const heard = samples.subarray(0, MOST_SCAN_SECONDS * rate);
  const denoised = await listen(model, heard, signal);
  const stretches = options.noise ?? findNoise(heard, denoised, rate);
  const noiseSeconds = stretches.reduce((sum, { from, to }) => sum + to - from, 0) / rate;
  if (noiseSeconds < LEAST_NOISE_SECONDS) {
    notNeeded.abort();
    return {
      reason: `only ${noiseSeconds.toFixed(1)} s of noise without speech was found, and ${LEAST_NOISE_SECONDS} s are needed`,
      noiseSeconds,
      steps: 0,
    };
  }
  const { corpus, release } = await opening;
  try {
    const noise = splitNoise(samples, stretches, rate);
    const voice = findSpeech(heard, denoised, rate).map(({ from, to }) => denoised.slice(from, to));
    const speechPower = activePower(denoised);
    const noisePower = meanPower(noise.train);
    const snrDb = speechPower > 0 && noisePower > 0 ? powerToDb(speechPower / noisePower) : undefined;
    const around = Math.max(-10, Math.min(25, snrDb ?? ORDINARY_SNR_DB));
    const known = { noiseSeconds, ...(snrDb !== undefined && { snrDb }) };
    onStage?.('training');
    const cut = Math.floor(TRAIN_SHARE * noise.train.length);
    const [trained, choice] = [noise.train.subarray(0, cut), noise.train.subarray(cut)];
    const { steps, tuned } = await trainOnRecording(
      champion,
      [trained, choice],
      around,
      corpus,
      rate,
      options,
    );
    signal?.throwIfAborted();
    onStage?.('judging');
    const heldOut = splitLibrary(libraryOf(corpus.speech), HELD_OUT, SEED).validation;
    const set = (noises: Float32Array, speech: ClipLibrary, size: SetSize) =>
      adaptationSet({ noise: noises, voice, snrDb: around, speech, rate, ...size });
    const chosen = await bestBetween(
      { champion, tuned },
      set(choice, heldOut, CHOICE_SIZE),
      'recording',
      ADAPT_LIMITS,
    );
    signal?.throwIfAborted();
    const report = await compare(
      model,
      chosen.checkpoint,
      set(noise.gate, libraryOf(corpus.gateSpeech), GATE_SIZE),
    );
    return {
      ...known,
      ...(report.verdict === 'promote' && { checkpoint: chosen.checkpoint }),
      reason: describe(report),
      steps,
      share: chosen.share,
      report,
    };
  } finally {
    release();
  }
}

function describe({ verdict, gain, reason }: GateReport): string {
  const measured = `${gain.mean < 0 ? '−' : '+'}${Math.abs(gain.mean).toFixed(2)} dB SI-SDR in held-out noise of the recording`;
  return verdict === 'promote' ? measured : `${measured}: ${reason}`;
}

/**
 * What a model makes of a recording. Long ones are cut and heard in parallel: a model takes eight streams in a quarter of the
 * time of eight in a row.
 */
async function listen(
  model: Model,
  samples: Float32Array,
  signal: AbortSignal | undefined,
): Promise<Float32Array> {
  const rate = model.info.sampleRate;
  const count = Math.max(1, Math.min(8, Math.floor(samples.length / (LEAST_PART_SECONDS * rate))));
  const parts = Array.from({ length: count }, async (_, i) => {
    const from = Math.round((samples.length * i) / count);
    const lead = Math.min(from, LEAD_SECONDS * rate);
    const part = samples.subarray(from - lead, Math.round((samples.length * (i + 1)) / count));
    // In pieces of 10 s, so that Ctrl-C need not wait for all of it.
    const { denoised } = await denoiseWhole(model, part, { chunks: [10 * rate], signal });
    return denoised.subarray(lead);
  });
  return concat(await Promise.all(parts));
}
