import { UsageError } from '../../errors.js';
import type { Tensor } from '../../graph/graph.js';
import { add, scale } from '../../graph/ops/elementwise.js';
import { slice } from '../../graph/ops/shape.js';
import { intelligibilityLoss } from '../../nn/losses/intelligibility.js';
import { atOneLevel, l1, mse, negativeSdr, negativeSiSdr, spectralLoss } from '../../nn/losses/loss.js';
import type { ModelBuilder } from '../../nn/model-builder.js';
import type { ModelFamily } from '../../nn/model-family.js';
import { describeModel } from '../../nn/streaming-graph.js';
import type { BuildLoss } from '../../nn/training-graph.js';
import { Random } from '../../random.js';
import { createExampleSource, type ExampleOptions, mixBatch } from '../data/batch.js';
import { BatchLoader, type BatchLoaderOptions } from '../data/loader.js';
import type { Trainable } from '../loop/trainable.js';
import type { Feeds } from '../loop/training-session.js';

/** Weights of the terms of a denoising loss; a term of weight 0 is not computed. */
export interface DenoiseLossWeights {
  /** Compressed spectra at several resolutions. */
  spectral: number;
  /** Window lengths of the spectral term, samples. */
  windows: readonly number[];
  /** Part of the spectral term: what is missing counts so much more than what is left over. */
  overAttenuation: number;
  /** Every example at the same level before it is compared. */
  equalLevels: boolean;
  /** Negative SI-SDR in dB. */
  siSdr: number;
  /** Negative SDR in dB, which also punishes a wrong level. */
  sdr: number;
  /** What is lost of the intelligibility, 0…2: see `intelligibilityLoss`. */
  intelligibility: number;
  l1: number;
  mse: number;
}

/**
 * 20/3 of the spectral term and 0.03 of SDR in dB. With SI-SDR in its place the flagship gave everything back 2.5 dB too
 * quiet, clean recordings too: no other term holds the level of what is nearly clean.
 */
export const DEFAULT_LOSS: DenoiseLossWeights = {
  spectral: 20 / 3,
  windows: [512],
  overAttenuation: 0,
  equalLevels: false,
  siSdr: 0,
  sdr: 0.03,
  intelligibility: 0,
  l1: 0,
  mse: 0,
};

export interface DenoiseTrainingOptions<Config> {
  family: ModelFamily<Config>;
  config: Config;
  /** Examples per step. */
  batch: number;
  /** Length of an example in samples; a multiple of the hop. */
  samples: number;
  /** Shorter examples that are trained on as well, each as often as the others; multiples of the hop. Default none. */
  otherLengths?: readonly number[];
  /** Batches whose gradients are averaged for one step. Default 1. */
  accumulate?: number;
  stepsPerEpoch: number;
  loss?: DenoiseLossWeights;
  training: ExampleOptions;
  /** Held-out examples; the same in every epoch. */
  validation?: ExampleOptions;
  /** Batches of validation. Default 8. */
  validationBatches?: number;
  /** Threads that mix ahead. Default 1. */
  workers?: number;
}

/** Learning to give back the clean half of mixtures. @throws UsageError `E_NOT_A_DENOISER` for a generator */
export function denoiseTraining<Config>(options: DenoiseTrainingOptions<Config>): Trainable {
  const { family, config, batch, samples, stepsPerEpoch, loss = DEFAULT_LOSS } = options;
  if (family.makes !== undefined)
    throw new UsageError(
      'E_NOT_A_DENOISER',
      `The family ${family.name} makes ${family.makes}; it cannot denoise.`,
      {
        hint: 'Choose another family.',
      },
    );
  const { accumulate = 1, otherLengths = [] } = options;
  const { seed } = options.training;
  const lengths = [samples, ...otherLengths];
  const loaderOptions: BatchLoaderOptions = { ...options.training, batch, workers: options.workers ?? 1 };
  let loader: BatchLoader | undefined;
  const kept = new Map<string, Feeds[]>();
  const fixed = (name: string, examples: ExampleOptions | undefined): Feeds[] => {
    const known = kept.get(name) ?? fixedFeeds(examples, options);
    kept.set(name, known);
    return known;
  };
  const buildLossAt =
    (length: number): BuildLoss =>
    (builder) =>
      buildDenoiseLoss(builder, family, config, [batch, length], loss);
  const shapeOf = (step: number): number =>
    lengths.length === 1 ? 0 : new Random(seed, step).integer(lengths.length);
  const [buildLoss, ...otherShapes] = lengths.map(buildLossAt);
  return {
    name: 'denoise',
    batch,
    specs: describeModel(family, config),
    stepsPerEpoch,
    accumulate,
    buildLoss,
    otherShapes,
    shapeOf,
    feeds: async (step, part = 0) => {
      const index = step * accumulate + part;
      loader ??= new BatchLoader({ ...loaderOptions, firstStep: index });
      if (loader.step !== index) loader.seek(index);
      const length = lengths[shapeOf(step)];
      const { noisy, clean } = await loader.nextBatch();
      const from = new Random(seed, index).integer(samples - length + 1);
      const dims = [batch, length];
      return {
        noisy: { data: cut(noisy, samples, from, length), dims },
        clean: { data: cut(clean, samples, from, length), dims },
      };
    },
    validation: () => fixed('validation', options.validation),
    trainingSet: () => fixed('training', options.training),
    waitedMs: () => loader?.statistics().waitMs ?? 0,
    close: async () => loader?.close(),
  };
}

/** `length` samples of every row of `[batch, samples]`, from sample `from` on. */
function cut(rows: Float32Array, samples: number, from: number, length: number): Float32Array {
  if (length === samples) return rows;
  const out = new Float32Array((rows.length / samples) * length);
  for (let b = 0; b * samples < rows.length; b++)
    out.set(rows.subarray(b * samples + from, b * samples + from + length), b * length);
  return out;
}

/** The first batches of some examples, held in memory. */
function fixedFeeds<Config>(
  examples: ExampleOptions | undefined,
  { validationBatches = 8, batch, samples }: DenoiseTrainingOptions<Config>,
): Feeds[] {
  if (examples === undefined) return [];
  const source = createExampleSource(examples);
  const dims = [batch, samples];
  return Array.from({ length: validationBatches }, (_, i) => {
    const { noisy, clean } = mixBatch(source, i, batch, samples);
    return { noisy: { data: noisy, dims }, clean: { data: clean, dims } };
  });
}

function buildDenoiseLoss<Config>(
  builder: ModelBuilder,
  family: ModelFamily<Config>,
  config: Config,
  dims: readonly number[],
  weights: DenoiseLossWeights,
): { loss: Tensor; outputs: Record<string, Tensor> } {
  const noisy = builder.graph.input('noisy', dims);
  const clean = builder.graph.input('clean', dims);
  const late = family.latency(config);
  const given = slice(family.build(builder, noisy, config), 1, late, dims[1]);
  const wanted = slice(clean, 1, 0, dims[1] - late);
  const [estimate, target] = weights.equalLevels
    ? atOneLevel(slice(noisy, 1, 0, dims[1] - late), [given, wanted])
    : [given, wanted];
  const siSdr = negativeSiSdr(estimate, target);
  const terms: Tensor[] = [];
  if (weights.spectral > 0) terms.push(scale(spectralLoss(estimate, target, weights), weights.spectral));
  if (weights.siSdr > 0) terms.push(scale(siSdr, weights.siSdr));
  if (weights.sdr > 0) terms.push(scale(negativeSdr(estimate, target), weights.sdr));
  const rate = family.sampleRate(config);
  if (weights.intelligibility > 0)
    terms.push(scale(intelligibilityLoss(estimate, target, rate), weights.intelligibility));
  if (weights.l1 > 0) terms.push(scale(l1(estimate, target), weights.l1));
  if (weights.mse > 0) terms.push(scale(mse(estimate, target), weights.mse));
  return { loss: terms.reduce((a, b) => add(a, b)), outputs: { negativeSiSdr: siSdr } };
}
