import { z } from 'zod';
import { ConstantSchedule } from './constant.js';
import { PlateauSchedule } from './plateau.js';
import type { LearningRateSchedule } from './schedule.js';
import { WarmupCosineSchedule } from './warmup-cosine.js';

/** What a run's configuration says about the learning rate, with the guides' defaults. */
export const scheduleConfigSchema = z.object({
  /** `plateau` reduces when the validation loss stalls; `cosine` warms up and falls to the floor; `constant` stays. */
  schedule: z.enum(['constant', 'cosine', 'plateau']).default('plateau'),
  /** First rate of `constant` and `plateau`, peak of `cosine`. */
  lr: z.number().positive().max(1).default(5e-4),
  /** `cosine`: share of the run spent rising, 0…0.5. */
  warmup: z.number().min(0).max(0.5).default(0.05),
  /** `plateau`: what the rate is multiplied by. */
  schedulerFactor: z.number().gt(0).lt(1).default(0.5),
  /** `plateau`: epochs without improvement before a reduction. */
  schedulerPatience: z.number().int().min(0).default(5),
  /** `plateau`: epochs after a reduction that are not counted. */
  schedulerCooldown: z.number().int().min(0).default(0),
  /** `plateau` and `cosine`: the lowest rate. */
  minimumLr: z.number().min(0).default(1e-7),
});
export type ScheduleConfig = z.infer<typeof scheduleConfigSchema>;

/**
 * The schedule that a configuration asks for.
 * @param totalSteps optimiser steps of the whole run (epochs × steps per epoch); only `cosine` uses it
 */
export function createSchedule(config: ScheduleConfig, totalSteps: number): LearningRateSchedule {
  switch (config.schedule) {
    case 'constant':
      return new ConstantSchedule(config.lr);
    case 'cosine':
      return new WarmupCosineSchedule({
        peak: config.lr,
        floor: Math.min(config.minimumLr, config.lr),
        warmupSteps: Math.round(totalSteps * config.warmup),
        totalSteps,
      });
    case 'plateau':
      return new PlateauSchedule({
        initial: config.lr,
        factor: config.schedulerFactor,
        patience: config.schedulerPatience,
        cooldown: config.schedulerCooldown,
        minimum: Math.min(config.minimumLr, config.lr),
      });
  }
}
