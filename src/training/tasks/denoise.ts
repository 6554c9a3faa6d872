import { z } from 'zod';
import { writeCheckpoint } from '../../../models/checkpoint.js';
import { familyByName, familyNames } from '../../../models/families.js';
import { openModel } from '../../../models/open-model.js';
import { UsageError } from '../../errors.js';
import type { RecordingsSource } from '../data/recordings.js';
import { remixConfigSchema } from '../data/remix-config.js';
import type { Trainer } from '../loop/trainer.js';
import { denoiseExamples } from './denoise-examples.js';
import { LOSS_NAMES, LOSSES } from './denoise-loss.js';
import { denoiseTraining } from './denoise-training.js';
import { jobRequest } from './job-request.js';
import { BATCHES, LEARNING_RATES, runSettings, search } from './run-settings.js';
import type { RunFiles, Task, TaskResult } from './task.js';

const denoiseSettings = runSettings.extend({
  clipNorm: z.number().positive().default(3),
  schedule: z.enum(['constant', 'cosine', 'plateau']).default('cosine'),
  lr: z.number().positive().max(1).default(1.5e-3).meta(search(LEARNING_RATES)),
  averageDecay: z.number().min(0).lt(1).default(0.999),
  batch: z.int().min(1).max(4096).default(4).meta(search(BATCHES)),
  /** Length of an example. */
  seconds: z.number().min(0.1).max(60).default(2),
  /** Mixed lengths: shorter ones, in seconds, that are trained on as often as `seconds`. */
  lengths: z.array(z.number().min(0.1).max(60)).max(8).default([]),
  /** Batches whose gradients are averaged for one step: a larger batch in the memory of a small one. */
  accumulate: z.int().min(1).max(1024).default(1),
  stepsPerEpoch: z.int().min(1).default(250),
  /** `spectral`: compressed spectra plus a little SDR; `spectral-si-sdr`: plus a little SI-SDR; `intelligible`: `spectral` and the
   * correlation of envelopes that ESTOI measures; `voice`: spectra at one level, where missing speech counts twice; the others alone. */
  loss: z.enum(LOSS_NAMES).default('spectral'),
  /** Share of the recordings, by speaker and source, that is validated on. */
  heldOut: z.number().min(0).max(0.5).default(0.08),
  /** Which share of that size, from 0: with `heldOut` 1/k, the folds of a k-fold cross-validation. */
  fold: z.int().min(0).max(100).default(0),
  validationBatches: z.int().min(1).default(16),
  /** With `captured` noise: share of the examples whose noise is any other. */
  replay: z.number().min(0).max(1).default(0.4),
  /** Threads that mix examples ahead. */
  workers: z.int().min(0).max(64).default(1),
});

const denoiseJobSchema = z.object({
  ...jobRequest,
  task: z.literal('denoise'),
  family: z.string(),
  settings: denoiseSettings,
  /** Configuration of the model, by the schema of its family. */
  modelSettings: z.record(z.string(), z.unknown()),
  remix: remixConfigSchema,
});
export type DenoiseJob = z.output<typeof denoiseJobSchema>;

/** Seconds of the shortest response of a room that is worth playing speech in. */
const SHORTEST_ROOM = 0.02;

/** Learning to give back the clean half of noisy recordings. */
export const denoiseTask: Task<DenoiseJob> = {
  name: 'denoise',
  settingsSchema: denoiseSettings,
  jobSchema: denoiseJobSchema,
  sections: (family) => [
    { key: 'settings', prefix: '', schema: denoiseSettings },
    { key: 'modelSettings', prefix: 'model.', schema: familyByName(family).configSchema },
    { key: 'remix', prefix: 'remix.', schema: remixConfigSchema },
  ],

  async recordings(job) {
    const { clean, noise, noisy, captured, rooms } = job;
    const { family, config } = await modelOf(job);
    const sampleRate = family.sampleRate(config);
    if (clean !== undefined && noisy !== undefined && noise === undefined)
      return { pairs: { kind: 'pairs', noisy, clean, sampleRate } };
    if (clean === undefined || noise === undefined || noisy !== undefined)
      throw new UsageError('E_NO_DATA', 'Training needs recordings to learn from.', {
        hint: 'Give --clean DIR with --noise DIR, or with --noisy DIR that holds the same names.',
      });
    const sources: Record<string, RecordingsSource> = {
      speech: { kind: 'clips', folder: clean, sampleRate },
      noise: { kind: 'clips', folder: noise, sampleRate },
    };
    if (captured !== undefined) sources.captured = { kind: 'clips', folder: captured, sampleRate };
    if (rooms !== undefined)
      sources.rooms = { kind: 'clips', folder: rooms, sampleRate, minimumSeconds: SHORTEST_ROOM };
    return sources;
  },

  async open(job, recordings) {
    const { settings } = job;
    const { family, config, start, parent } = await modelOf(job);
    const [rate, hop] = [family.sampleRate(config), family.hop(config)];
    const wholeHops = (seconds: number): number => Math.max(hop, Math.floor((seconds * rate) / hop) * hop);
    const samples = wholeHops(settings.seconds);
    const tooLong = settings.lengths.find((seconds) => seconds > settings.seconds);
    if (tooLong !== undefined)
      throw new UsageError('E_CONFIG', `lengths has ${tooLong} s, more than seconds=${settings.seconds}.`, {
        hint: 'Put the longest into seconds and the shorter ones into lengths.',
      });
    const { training, validation, data } = denoiseExamples(job, recordings, samples);
    const trainable = denoiseTraining({
      family,
      config,
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
    const finish = async (trainer: Trainer, files: RunFiles): Promise<TaskResult> => {
      const summary = {
        steps: trainer.step,
        epochs: Math.floor(trainer.step / trainer.stepsPerEpoch),
        seed: settings.seed,
        seconds: data.trainingSeconds,
        batch: settings.batch,
        bestValidationLoss: trainer.bestLoss,
      };
      const options = { name: job.name, training: summary, dataHash: data.hash, parent };
      return {
        model: files.writeFile('model.onnx', writeCheckpoint(family, config, trainer.best, options)),
      };
    };
    return { trainable, data, start, finish };
  },
};

/** The model of a job, and its weights where it starts from trained ones: then with their configuration. */
async function modelOf({ model, family: name, modelSettings }: DenoiseJob) {
  if (model === undefined || familyNames().includes(model))
    return { family: familyByName(name), config: modelSettings as unknown };
  const { checkpoint } = await openModel(model);
  const { family, config, variables } = checkpoint.variables();
  return { family, config, start: variables, parent: checkpoint.info.hash };
}
