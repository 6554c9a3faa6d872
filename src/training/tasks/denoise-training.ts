import { UsageError } from '../../errors.js';
import type { ModelFamily } from '../../nn/model-family.js';
import { describeModel } from '../../nn/streaming-graph.js';
import type { BuildLoss } from '../../nn/training-graph.js';
import { Random } from '../../random.js';
import { createExampleSource, type ExampleOptions, mixBatch } from '../data/batch.js';
import { BatchLoader, type BatchLoaderOptions } from '../data/loader.js';
import type { Trainable } from '../loop/trainable.js';
import type { Feeds } from '../loop/training-session.js';
import { buildDenoiseLoss, type DenoiseLossWeights, LOSSES } from './denoise-loss.js';

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
  const { family, config, batch, samples, stepsPerEpoch, loss = LOSSES.spectral } = options;
  if (family.makes !== undefined)
    throw new UsageError(
      'E_NOT_A_DENOISER',
      `The family ${family.name} makes ${family.makes}; it cannot denoise.`,
      { hint: 'Choose another family.' },
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
