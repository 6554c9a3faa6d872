import { z } from 'zod';
import { scheduleConfigSchema } from '../schedule/create-schedule.js';

/** Where a search for good values of a setting looks by default; in the shape of the tuner's distributions. */
export type SearchRange =
  | { kind: 'float' | 'int'; low: number; high: number; log?: boolean; step?: number }
  | { kind: 'categorical'; choices: readonly (number | string | boolean)[]; ordered?: boolean };

/**
 * Marks a setting as worth tuning: `z.number().default(4).meta(search({ … }))`. The range stands in the JSON schema of the
 * settings under `search`, where the tuner finds it.
 */
export const search = (range: SearchRange): { search: SearchRange } => ({ search: range });

/** Learning rates that a search tries, around those that the guides found good. */
export const LEARNING_RATES: SearchRange = { kind: 'float', low: 5e-5, high: 5e-3, log: true };

/** Batch sizes that a search tries. */
export const BATCHES: SearchRange = { kind: 'categorical', choices: [8, 16, 32], ordered: true };

/** Settings of every run, whatever its task; each is a `--set` name. */
export const runSettings = scheduleConfigSchema.extend({
  lr: z.number().positive().max(1).default(5e-4).meta(search(LEARNING_RATES)),
  epochs: z.int().min(1).max(100_000).default(50),
  /** Adam, or AdamW with decoupled weight decay. */
  optimizer: z
    .enum(['adam', 'adamw'])
    .default('adamw')
    .meta(
      search({
        kind: 'categorical',
        choices: ['adam', 'adamw'],
      }),
    ),
  weightDecay: z
    .number()
    .min(0)
    .max(1)
    .default(0.01)
    .meta(search({ kind: 'float', low: 1e-4, high: 0.1, log: true })),
  /** Largest global norm of the gradient. */
  clipNorm: z.number().positive().default(1),
  /** Epochs without a better validation loss that end the run; 0 never. */
  patience: z.int().min(0).default(0),
  /** Decay of the average of weights that is validated and kept; 0 keeps the weights themselves. */
  averageDecay: z.number().min(0).lt(1).default(0),
  seed: z.int().min(0).default(1),
  /** Minutes between checkpoints; one is also written after every epoch. */
  checkpointMinutes: z.number().positive().default(5),
  /** Threads inside one operator. */
  threads: z.int().min(1).max(64).default(1),
});
export type RunSettings = z.output<typeof runSettings>;
