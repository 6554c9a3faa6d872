import { z } from 'zod';
import { writeCheckpoint } from '../../../models/checkpoint.js';
import { type SeqvaeConfig, seqvae, seqvaeConfig } from '../../../models/seqvae.js';
import { NoiseGenerator } from '../../engine/noise-generator.js';
import { UsageError } from '../../errors.js';
import { count } from '../../nn/model-builder.js';
import { describeModel, type ModelVariables } from '../../nn/streaming-graph.js';
import type { DataSummary } from '../data/data-summary.js';
import { clipSamples, leaveOut } from '../data/library.js';
import { type BandFrames, bandFrames, longTermPower, splitFrames } from '../data/noise-bands.js';
import { libraryOf, type Recordings } from '../data/recordings.js';
import { jobRequest } from './job-request.js';
import { runSettings, search } from './run-settings.js';
import { seqvaeTraining } from './seqvae-training.js';
import type { Task } from './task.js';

const noiseModelSettings = runSettings.extend({
  /** The guide trains for 1000; the divergence counts half from epoch 500 on. */
  epochs: z.int().min(1).max(100_000).default(600),
  optimizer: z.enum(['adam', 'adamw']).default('adam'),
  weightDecay: z.number().min(0).max(1).default(0),
  schedule: z.enum(['constant', 'cosine', 'plateau']).default('cosine'),
  lr: z
    .number()
    .positive()
    .max(1)
    .default(2e-3)
    .meta(search({ kind: 'float', low: 2e-4, high: 1e-2, log: true })),
  warmup: z.number().min(0).max(0.5).default(0.02),
  minimumLr: z.number().min(0).default(1e-5),
  /** Sequences per step. The guide found 256 good and smaller ones poor. */
  batch: z
    .int()
    .min(1)
    .max(4096)
    .default(256)
    .meta(
      search({
        kind: 'categorical',
        choices: [64, 128, 256],
        ordered: true,
      }),
    ),
  stepsPerEpoch: z.int().min(1).default(1),
  /** Share of every recording, its end, that is validated on. */
  heldOut: z.number().min(0).max(0.5).default(0.1),
});

const noiseModelJobSchema = z.object({
  ...jobRequest,
  task: z.literal('noise-model'),
  settings: noiseModelSettings,
  modelSettings: seqvaeConfig,
});
type NoiseModelJob = z.output<typeof noiseModelJobSchema>;

/** Sequences synthesised to measure the generator's own long-term spectrum. */
const CALIBRATION_SEQUENCES = 256;

/** Learning a noise, so as to synthesise more of it: the sequential auto-encoder `seqvae`. */
export const noiseModelTask: Task<NoiseModelJob> = {
  name: 'noise-model',
  settingsSchema: noiseModelSettings,
  jobSchema: noiseModelJobSchema,
  sections: () => [
    { key: 'settings', prefix: '', schema: noiseModelSettings },
    { key: 'modelSettings', prefix: 'model.', schema: seqvaeConfig },
  ],

  async recordings({ noise, modelSettings }) {
    if (noise === undefined)
      throw new UsageError('E_NO_DATA', 'There is no noise to learn.', {
        hint: 'Give --noise DIR with recordings of it.',
      });
    return { noise: { kind: 'clips', folder: noise, sampleRate: modelSettings.sampleRate } };
  },

  async open(job, { noise }) {
    const { settings, modelSettings: config } = job;
    const { seed, batch, stepsPerEpoch } = settings;
    const library = leaveOut(libraryOf(noise), job.noise ?? '', job.exclude);
    const recordings: BandFrames[] = [];
    for (const clip of library.clips) {
      const samples = clipSamples(library, clip);
      if (samples.length >= config.window) recordings.push(await bandFrames(samples, config));
    }
    const { training, validation } = splitFrames(recordings, settings.heldOut, config.frames);
    const trainable = seqvaeTraining({
      config,
      recordings: training,
      validation,
      batch,
      stepsPerEpoch,
      seed,
    });
    const data = dataSummary(noise, config, training, validation);
    return {
      trainable,
      data,
      async finish(trainer, files) {
        // The last weights: the loss of earlier epochs weighed the divergence less, so their best is not comparable.
        const variables = await trainable.generator(trainer.variables());
        const epochs = Math.floor(trainer.step / trainer.stepsPerEpoch);
        const summary = { task: job.task, epochs, batch, steps: trainer.step, seed };
        const options = { name: job.name, training: summary, dataHash: data.hash };
        const checkpoint = (): Uint8Array => writeCheckpoint(seqvae, config, variables, options);
        const samples = (CALIBRATION_SEQUENCES * config.frames * config.window) / 2;
        const synthesised = await bandFrames(await generate(checkpoint(), samples, seed), config);
        calibrate(config, variables, longTermPower(training), longTermPower([synthesised]));
        return { model: files.writeFile('model.onnx', checkpoint()) };
      },
    };
  },
};

function dataSummary(
  { report }: Recordings,
  { window, sampleRate }: SeqvaeConfig,
  training: readonly BandFrames[],
  validation: readonly BandFrames[],
): DataSummary {
  const seconds = (parts: readonly BandFrames[]): number =>
    (parts.reduce((sum, { frames }) => sum + frames, 0) * window) / 2 / sampleRate;
  return {
    trainingSeconds: 0,
    validationSeconds: seconds(validation),
    noiseSeconds: seconds(training),
    skipped: report.skipped,
    hash: report.hash,
    split: 'time',
  };
}

async function generate(bytes: Uint8Array, samples: number, seed: number): Promise<Float32Array> {
  const generator = await NoiseGenerator.fromBytes(bytes);
  try {
    return await generator.generate(samples, seed);
  } finally {
    await generator.close();
  }
}

/**
 * Corrects the level of every band by what the synthesised noise lacks. The decoder learns means of logarithms, which lie
 * below the logarithm of the mean: by 2.5 dB for Gaussian noise in a narrow band, by more where the level varies.
 */
function calibrate(
  config: SeqvaeConfig,
  { buffers }: ModelVariables,
  wanted: Float64Array,
  got: Float64Array,
): void {
  let at = 0;
  for (const { name, shape } of describeModel(seqvae, config).buffers) {
    if (name === 'spectrum.mean')
      wanted.forEach((power, band) => {
        buffers[at + band] += Math.log(power / got[band]);
      });
    at += count(shape);
  }
}
