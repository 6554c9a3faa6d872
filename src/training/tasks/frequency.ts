import { z } from 'zod';
import { FREQUENCY_TEST_SEED, FrequencyData, frequencySignalSchema } from '../data/frequency-data.js';
import { successTier } from '../diagnose/tiers.js';
import { drawExtraction } from './extraction-plot.js';
import { frequencyTraining } from './frequency-training.js';
import { jobRequest } from './job-request.js';
import { LEARNING_RATES, runSettings, search } from './run-settings.js';
import type { Task } from './task.js';

/** The guides' default configuration. */
const frequencySettings = runSettings.extend({
  optimizer: z
    .enum(['adam', 'adamw'])
    .default('adam')
    .meta(search({ kind: 'categorical', choices: ['adam', 'adamw'] })),
  weightDecay: z.number().min(0).max(1).default(0),
  schedule: z.enum(['constant', 'cosine', 'plateau']).default('plateau'),
  lr: z.number().positive().max(1).default(5e-4).meta(search(LEARNING_RATES)),
  hidden: z
    .int()
    .min(1)
    .max(1024)
    .default(64)
    .meta(
      search({
        kind: 'categorical',
        choices: [32, 64, 128],
        ordered: true,
      }),
    ),
  layers: z.int().min(1).max(8).default(1),
  dropout: z.number().min(0).lt(1).default(0),
  /** Samples of a chunk; state is carried, and detached, from chunk to chunk. */
  length: z
    .int()
    .min(1)
    .max(10_000)
    .default(50)
    .meta(
      search({
        kind: 'categorical',
        choices: [10, 50, 100],
        ordered: true,
      }),
    ),
  /** Wanted frequencies side by side, 0 all; 1 takes one after the other: forgets the first while it learns the last. */
  batch: z.int().min(0).max(64).default(0),
  /** Noise of its own for every epoch, rather than the same again. */
  freshNoise: z.boolean().default(false),
  /** Samples that the longest memory lasts before training (half a period of 1 Hz); 0 starts the LSTM like PyTorch. */
  memory: z
    .int()
    .refine((samples) => samples === 0 || samples >= 3, 'must be 0 or at least 3')
    .default(500),
});

const frequencyJobSchema = z.object({
  ...jobRequest,
  task: z.literal('frequency'),
  settings: frequencySettings,
  signal: frequencySignalSchema,
});
type FrequencyJob = z.output<typeof frequencyJobSchema>;

/** The frequency-extraction task of the guides: give back the chosen one of several noisy sines. */
export const frequencyTask: Task<FrequencyJob> = {
  name: 'frequency',
  settingsSchema: frequencySettings,
  jobSchema: frequencyJobSchema,
  /** The guides' alternatives. */
  presets: {
    default: {},
    serial: { length: 1, epochs: 30, lr: 1e-3 },
    long: { length: 100, epochs: 30, lr: 3e-4 },
    large: { hidden: 128, epochs: 40, lr: 3e-4 },
    /** Not of the guides: what reaches their best tier. */
    excellent: { epochs: 180, lr: 3e-3, schedule: 'cosine', freshNoise: true },
  },
  sections: () => [
    { key: 'settings', prefix: '', schema: frequencySettings },
    { key: 'signal', prefix: 'signal.', schema: frequencySignalSchema },
  ],
  recordings: async () => ({}),

  async open({ settings, signal }) {
    const trainable = frequencyTraining({ ...settings, signal });
    return {
      trainable,
      async finish(trainer, files) {
        const estimates: Float32Array[] = [];
        const training = await trainer.evaluate(trainable.trainingSet());
        const test = await trainer.evaluate(trainable.validation(), trainer.best, ({ estimate }) =>
          estimates.push(Float32Array.from(estimate)),
        );
        const data = new FrequencyData(signal, FREQUENCY_TEST_SEED);
        files.writeFile('extraction.png', drawExtraction(estimates, data));
        const [trainMse, testMse] = [training, test].map((result) => result?.loss ?? Number.NaN);
        return { trainMse, testMse, tier: successTier(trainMse, testMse) };
      },
    };
  },
};
