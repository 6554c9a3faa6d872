import { existsSync } from 'node:fs';
import { familyByName, familyNames } from '../../../models/families.js';
import { openModel } from '../../../models/open-model.js';
import { UsageError } from '../../errors.js';
import type { ModelVariables } from '../../nn/streaming-graph.js';
import { type ClipLibrary, type LibraryReport, leaveOut, loadLibrary } from '../data/library.js';
import { loadPairs } from '../data/pairs.js';
import type { RemixOptions } from '../data/remix-config.js';
import { splitLibrary, splitPairs } from '../data/split.js';
import type { Trainable } from '../loop/trainable.js';
import type { DenoiseSettings, TrainConfig } from '../run/train-config.js';
import { DEFAULT_LOSS, type DenoiseLossWeights, denoiseTraining } from './denoise-training.js';

/** What a run learns from, and what was left out. */
export interface DataSummary {
  /** Seconds of speech (or of pairs) that are trained on, and validated on. */
  trainingSeconds: number;
  validationSeconds: number;
  noiseSeconds: number;
  skipped: LibraryReport['skipped'];
  /** SHA-256 over all recordings that were loaded. */
  hash: string;
  /** How speakers were kept apart: see `splitLibrary`. */
  split: string;
  /** Trained weights to start from. */
  start?: ModelVariables;
  /** Hash of the checkpoint they came from. */
  parent?: string;
  /** Configuration of the model: of the checkpoint that is started from, else as set. */
  modelConfig: unknown;
}

/** Loss weights of each `loss` setting. */
const LOSSES: Readonly<Record<DenoiseSettings['loss'], DenoiseLossWeights>> = {
  spectral: DEFAULT_LOSS,
  'spectral-si-sdr': { ...DEFAULT_LOSS, sdr: 0, siSdr: 0.02 },
  intelligible: { ...DEFAULT_LOSS, intelligibility: 1.5 },
  voice: { ...DEFAULT_LOSS, overAttenuation: 1, equalLevels: true, sdr: 0.05 },
  'si-sdr': { ...DEFAULT_LOSS, spectral: 0, sdr: 0, siSdr: 1 },
  l1: { ...DEFAULT_LOSS, spectral: 0, sdr: 0, l1: 1 },
  mse: { ...DEFAULT_LOSS, spectral: 0, sdr: 0, mse: 1 },
};

/** Remixing that validation leaves out: it measures what people record, not what widens the training. */
const VALIDATION_REMIX: RemixOptions = {
  snrDb: [-5, 20],
  noiseOnly: 0,
  cleanOnly: 0,
  reverberation: 0,
  bandLimit: 0,
  clipping: 0,
  changedSpeed: 0,
};

/** Seed of validation examples, apart from those of training. */
const VALIDATION_SEED = 99;

/**
 * The family that `--model` means: its name, or that of the checkpoint it names, whose weights are then the start.
 * @throws UsageError `E_FAMILY`
 */
export async function familyOf(model: string | undefined): Promise<string> {
  if (model === undefined) return 'unet1d-lstm';
  if (familyNames().includes(model)) return model;
  if (/^[\w.-]+$/.test(model) && !existsSync(model) && !/\.onnx$/.test(model)) return shippedFamily(model);
  return (await openModel(model)).checkpoint.variables().family.name;
}

async function shippedFamily(name: string): Promise<string> {
  try {
    return (await openModel(name)).checkpoint.variables().family.name;
  } catch {
    // Says which families there are, which is what a slip of the keyboard needs.
    return familyByName(name).name;
  }
}

/** Loads the recordings of a run and makes its task of them. */
export async function openDenoiseData(
  config: TrainConfig,
  reading?: (done: number, total: number) => void,
): Promise<{ task: Trainable; data: DataSummary }> {
  const settings = config.settings as DenoiseSettings;
  const family = familyByName(config.family);
  const start = await startingWeights(config);
  const modelConfig = start?.config ?? config.modelSettings;
  const sampleRate = family.sampleRate(modelConfig);
  const hop = family.hop(modelConfig);
  const wholeHops = (seconds: number): number =>
    Math.max(hop, Math.floor((seconds * sampleRate) / hop) * hop);
  const samples = wholeHops(settings.seconds);
  const tooLong = settings.lengths.find((seconds) => seconds > settings.seconds);
  if (tooLong !== undefined)
    throw new UsageError('E_CONFIG', `lengths has ${tooLong} s, more than seconds=${settings.seconds}.`, {
      hint: 'Put the longest into seconds and the shorter ones into lengths.',
    });
  const { training, validation, ...summary } = await loadExamples(config, {
    sampleRate,
    samples,
    seed: settings.seed,
    reading,
  });
  const task = denoiseTraining({
    family,
    config: modelConfig,
    batch: settings.batch,
    samples,
    otherLengths: settings.lengths.map(wholeHops),
    accumulate: settings.accumulate,
    stepsPerEpoch: settings.stepsPerEpoch,
    loss: LOSSES[settings.loss],
    training,
    validation,
    validationBatches: settings.validationBatches,
    workers: settings.workers,
  });
  return { task, data: { ...summary, start: start?.variables, parent: start?.hash, modelConfig } };
}

async function startingWeights({ model }: TrainConfig) {
  if (model === undefined || familyNames().includes(model)) return undefined;
  const { checkpoint } = await openModel(model);
  return { ...checkpoint.variables(), hash: checkpoint.info.hash };
}

const secondsOf = ({ clips, sampleRate }: ClipLibrary): number =>
  clips.reduce((sum, { length }) => sum + length, 0) / sampleRate;

interface LoadOptions {
  sampleRate: number;
  samples: number;
  seed: number;
  reading?: (done: number, total: number) => void;
}

async function loadExamples(config: TrainConfig, options: LoadOptions) {
  const { sampleRate, samples, seed, reading } = options;
  const { clean, noise, noisy, rooms, exclude = [] } = config;
  const settings = config.settings as DenoiseSettings;
  if (clean === undefined || (noise === undefined) === (noisy === undefined))
    throw new UsageError('E_NO_DATA', 'Training needs recordings to learn from.', {
      hint: 'Give --clean DIR with --noise DIR, or with --noisy DIR that holds the same names.',
    });
  if (noisy !== undefined) {
    const { pairs, report } = await loadPairs(noisy, clean, { sampleRate, onProgress: reading });
    const { train, validation, by } = splitPairs(pairs, settings.heldOut, seed, settings.fold);
    return {
      training: { pairs: train, samples, seed },
      validation: settings.heldOut === 0 ? undefined : { pairs: validation, samples, seed: VALIDATION_SEED },
      trainingSeconds: secondsOf(train.clean),
      validationSeconds: secondsOf(validation.clean),
      noiseSeconds: 0,
      skipped: report.skipped,
      hash: report.hash,
      split: by,
    };
  }
  const load = async (folder: string) => {
    const { library, report } = await loadLibrary(folder, { sampleRate, onProgress: reading });
    return {
      report,
      ...splitLibrary(leaveOut(library, folder, exclude), settings.heldOut, seed, settings.fold),
    };
  };
  const [speech, noises] = [await load(clean), await load(noise!)];
  const measured =
    rooms === undefined ? undefined : await loadLibrary(rooms, { sampleRate, minimumSeconds: 0.02 });
  return {
    training: {
      speech: speech.train,
      noise: noises.train,
      rooms: measured?.library,
      samples,
      seed,
      config: config.remix as RemixOptions,
    },
    validation:
      settings.heldOut === 0
        ? undefined
        : {
            speech: speech.validation,
            noise: noises.validation,
            samples,
            seed: VALIDATION_SEED,
            config: VALIDATION_REMIX,
          },
    trainingSeconds: secondsOf(speech.train),
    validationSeconds: secondsOf(speech.validation),
    noiseSeconds: secondsOf(noises.train),
    skipped: [...speech.report.skipped, ...noises.report.skipped],
    hash: [speech, noises, ...(measured ? [measured] : [])].map(({ report }) => report.hash).join(':'),
    split: speech.by,
  };
}
