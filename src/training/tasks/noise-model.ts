import { writeCheckpoint } from '../../../models/checkpoint.js';
import { type SeqvaeConfig, seqvae } from '../../../models/seqvae.js';
import { NoiseGenerator } from '../../engine/noise-generator.js';
import { count } from '../../nn/model-builder.js';
import { describeModel, type ModelVariables } from '../../nn/streaming-graph.js';
import { bandFrames, longTermPower } from '../data/noise-bands.js';
import { Trainer } from '../loop/trainer.js';
import type { TrainerEvents } from '../loop/trainer-options.js';
import { scheduleConfigSchema } from '../schedule/create-schedule.js';
import { seqvaeTraining } from './seqvae-training.js';

export interface NoiseModelOptions {
  /** Name in the checkpoint. */
  name: string;
  config: SeqvaeConfig;
  /** Recordings of the noise at the configuration's rate. */
  recordings: readonly Float32Array[];
  epochs: number;
  /** Sequences per step. Default 256. */
  batch?: number;
  /** Default 1. */
  stepsPerEpoch?: number;
  /** First learning rate; it falls to the schedule's floor. Default 0.002. */
  learningRate?: number;
  seed: number;
}

/** Sequences synthesised to measure the generator's own long-term spectrum. */
const CALIBRATION_SEQUENCES = 256;

/**
 * Learns a noise and gives back a checkpoint that synthesises it (see {@link NoiseGenerator}).
 * @param until ends the training early, asked after every step
 */
export async function trainNoiseModel(
  { name, config, recordings, epochs, batch = 256, stepsPerEpoch = 1, learningRate, seed }: NoiseModelOptions,
  events: TrainerEvents = {},
  until?: () => boolean,
): Promise<Uint8Array> {
  const frames = await Promise.all(recordings.map((recording) => bandFrames(recording, config)));
  const task = seqvaeTraining({ config, recordings: frames, batch, stepsPerEpoch, seed });
  const trainer = await Trainer.create(task, {
    epochs,
    seed,
    schedule: scheduleConfigSchema.parse({
      schedule: 'cosine',
      lr: learningRate ?? 0.002,
      warmup: 0.02,
      minimumLr: 1e-5,
    }),
  });
  try {
    await trainer.run(events, until);
    // The last weights: the loss of earlier epochs weighed the divergence less, so their best is not comparable.
    const variables = await task.generator(trainer.variables());
    const training = { task: task.name, epochs, batch, steps: trainer.step, seed };
    const checkpoint = (): Uint8Array => writeCheckpoint(seqvae, config, variables, { name, training });
    const samples = (CALIBRATION_SEQUENCES * config.frames * config.window) / 2;
    const synthesised = await bandFrames(await generate(checkpoint(), samples, seed), config);
    calibrate(config, variables, longTermPower(frames), longTermPower([synthesised]));
    return checkpoint();
  } finally {
    await trainer.close();
  }
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
