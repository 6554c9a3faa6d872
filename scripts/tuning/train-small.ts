import { setImmediate } from 'node:timers/promises';
import { Trainer } from '../../src/training/loop/trainer.js';
import { scheduleConfigSchema } from '../../src/training/schedule/create-schedule.js';
import { smallTask } from './small-task.js';

/** A configuration of the guide's grid, by its names. */
export interface GuideConfig {
  batch: number;
  lr: number;
  epochs: number;
  optimizer: 'adam' | 'adamw';
  schedulerPatience: number;
  schedulerFactor: number;
  patience: number;
}

/** Losses per epoch. */
export interface Curve {
  training: number[];
  validation: number[];
}

/** Trains the small denoiser as the guide says; the seed is always the same, so equal configurations give equal curves. */
export async function trainSmall(config: GuideConfig): Promise<Curve> {
  const { batch, lr, epochs, optimizer, schedulerPatience, schedulerFactor, patience } = config;
  const trainer = await Trainer.create(smallTask(batch), {
    epochs,
    seed: 1,
    patience,
    clip: 1,
    weightDecay: optimizer === 'adamw' ? 0.01 : 0,
    schedule: scheduleConfigSchema.parse({
      schedule: 'plateau',
      lr,
      schedulerPatience,
      schedulerFactor,
      minimumLr: 1e-7,
    }),
    threads: 1,
  });
  const curve: Curve = { training: [], validation: [] };
  try {
    await trainer.run((event) => {
      if (event.kind !== 'epoch') return;
      curve.training.push(event.trainLoss);
      curve.validation.push(event.validationLoss!);
    });
  } finally {
    await trainer.close();
  }
  await setImmediate();
  return curve;
}
