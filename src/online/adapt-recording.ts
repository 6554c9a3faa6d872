import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Checkpoint } from '../../models/checkpoint.js';
import { meanPower, powerToDb } from '../audio/metrics/levels.js';
import { Model } from '../engine/model.js';
import { denoiseWhole } from '../evaluation/denoise-whole.js';
import { makeEvaluationSet } from '../training/data/evaluation-set.js';
import { activePower } from '../training/data/level.js';
import type { ClipLibrary } from '../training/data/library.js';
import { libraryOf } from '../training/data/recordings.js';
import { resolveJob } from '../training/run/resolve-job.js';
import { trainInThread } from '../training/run/training-thread.js';
import { clipsInMemory } from './clips-in-memory.js';
import { type GateLimits, type GateReport, judge, LIVE_LIMITS } from './gate.js';
import { type GateSet, gateScores } from './gate-scores.js';
import { findNoise, findSpeech, type Stretch } from './noise-finder.js';
import { type SplitNoise, splitNoise } from './noise-of-place.js';
import { openReplay, type ReplayCorpus, type ReplayFolders } from './replay.js';

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
  report?: GateReport;
}

const SECONDS = 40;
/** What is trained with and judged by of the replay corpus. */
type AdaptCorpus = ReplayCorpus<'speech' | 'noise' | 'gateSpeech'>;

/** With less noise than this, nothing could be kept for the judgement. Seconds. */
const LEAST_NOISE_SECONDS = 1.5;
/** A recording is listened to for so long, seconds: an hour would take as long as the training. */
const MOST_SCAN_SECONDS = 900;

/**
 * Nothing of the model outlives the recording: what it forgets of other noises does not matter, and that it does a little worse
 * on clean speech, at 20 dB, is not heard in a recording that never is clean. In place of the anchor stands the voice of the
 * recording, as the untuned model gives it, in held-out noise. That favours the untuned model: without this check the corpus's
 * voices promised +0.8 dB where the recording lost 0.3.
 */
const LIMITS: GateLimits = {
  ...LIVE_LIMITS,
  gainDb: 0.1,
  anchorLossDb: 0,
  cleanLossDb: 3,
  residueDb: 3,
};

/** The ratio varies by so much around that of the recording, dB, in training and in the judgement. */
const TRAIN_SPREAD_DB = 8;
const GATE_SPREAD_DB = 5;
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
  const opening = openReplay(replay, ['speech', 'noise', 'gateSpeech'], rate, signal);
  opening.catch(() => {});
  const heard = samples.subarray(0, MOST_SCAN_SECONDS * rate);
  // In pieces of 10 s, so that Ctrl-C need not wait for all of it.
  const { denoised } = await denoiseWhole(model, heard, { chunks: [10 * rate], signal });
  const stretches = options.noise ?? findNoise(heard, denoised, rate);
  const noiseSeconds = stretches.reduce((sum, { from, to }) => sum + to - from, 0) / rate;
  const { corpus, release } = await opening;
  try {
    if (noiseSeconds < LEAST_NOISE_SECONDS)
      return {
        reason: `only ${noiseSeconds.toFixed(1)} s of noise without speech was found, and ${LEAST_NOISE_SECONDS} s are needed`,
        noiseSeconds,
        steps: 0,
      };
    const noise = splitNoise(samples, stretches, rate);
    const voice = findSpeech(heard, denoised, rate).map(({ from, to }) => denoised.slice(from, to));
    const speechPower = activePower(denoised);
    const noisePower = meanPower(noise.train);
    const snrDb = speechPower > 0 && noisePower > 0 ? powerToDb(speechPower / noisePower) : undefined;
    const around = Math.max(-10, Math.min(25, snrDb ?? ORDINARY_SNR_DB));
    const known = { noiseSeconds, ...(snrDb !== undefined && { snrDb }) };
    onStage?.('training');
    const { steps, tuned } = await train(champion, noise, around, corpus, rate, options);
    signal?.throwIfAborted();
    onStage?.('judging');
    const report = await compare(model, tuned, gateSet(noise, voice, around, corpus, rate));
    const chosen = report.verdict === 'promote';
    return {
      ...known,
      ...(chosen && { checkpoint: tuned }),
      reason: describe(report),
      steps,
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

async function train(
  champion: Checkpoint,
  noise: SplitNoise,
  snrDb: number,
  corpus: AdaptCorpus,
  rate: number,
  { seconds = SECONDS, signal }: AdaptOptions,
): Promise<{ steps: number; tuned: Checkpoint }> {
  const folder = mkdtempSync(join(tmpdir(), 'denoise-adapt-'));
  try {
    const model = join(folder, 'champion.onnx');
    writeFileSync(model, champion.bytes);
    const job = resolveJob(
      { task: 'denoise', model, device: 'cpu', set: { ...ADAPT_SETTINGS, threads: threads(), ...at(snrDb) } },
      champion.info.family,
    );
    // Two clips: the smaller one is what the best epoch is chosen by.
    const cut = Math.floor(0.85 * noise.train.length);
    const captured = clipsInMemory(rate, {
      'train.wav': noise.train.subarray(0, cut),
      'choice.wav': noise.train.subarray(cut),
    });
    const result = await trainInThread(job, {
      folder: join(folder, 'run'),
      budget: { seconds },
      finishPaused: true,
      data: { speech: corpus.speech, noise: corpus.noise, captured },
      signal,
    });
    return { steps: result.steps, tuned: Checkpoint.parse(readFileSync(result.model!)) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Found by measurement: docs/online.md. */
const ADAPT_SETTINGS = {
  lr: 3e-4,
  schedule: 'constant',
  averageDecay: 0.98,
  batch: 4,
  seconds: 2,
  epochs: 10_000,
  stepsPerEpoch: 25,
  validationBatches: 4,
  replay: 0.15,
  loss: 'spectral',
  cleanOnly: 0.05,
  noiseOnly: 0.1,
  reverberation: 0.15,
};

const at = (snrDb: number) => ({
  snrDb: [snrDb - TRAIN_SPREAD_DB, snrDb + TRAIN_SPREAD_DB],
  // What the level of a recording is brought to.
  levelDb: [-30, -16],
});

const threads = (): number => Math.min(2, availableParallelism());

function gateSet(
  noise: SplitNoise,
  voice: readonly Float32Array[],
  snrDb: number,
  corpus: AdaptCorpus,
  rate: number,
): GateSet {
  const mix = (speech: ClipLibrary, count: number) =>
    makeEvaluationSet({
      ...{
        speech,
        noise: libraryOf(clipsInMemory(rate, { 'place.wav': noise.gate })),
        count,
        seconds: 3,
        seed: 17,
      },
      snrDb: [snrDb - GATE_SPREAD_DB, snrDb + GATE_SPREAD_DB],
    });
  const own = Object.fromEntries(voice.map((samples, i) => [`voice_${i}.wav`, samples]));
  const matched = mix(libraryOf(corpus.gateSpeech), 24);
  return {
    matched,
    anchor: voice.length === 0 ? [] : mix(libraryOf(clipsInMemory(rate, own)), 16),
    clean: matched.slice(0, 4).map(({ clean }) => clean),
    noise: [noise.gate.subarray(0, 4 * rate)],
  };
}

async function compare(champion: Model, tuned: Checkpoint, set: GateSet): Promise<GateReport> {
  const candidate = await Model.fromBytes(tuned.bytes, { device: 'cpu' });
  try {
    const before = await gateScores(champion, set, 'recording');
    const after = await gateScores(candidate, set, 'recording');
    return judge(before, after, LIMITS);
  } finally {
    await candidate.close();
  }
}
