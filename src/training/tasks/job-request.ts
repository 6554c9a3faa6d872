import { z } from 'zod';

/** What a training is asked for beside its settings: shared by the jobs of all tasks, and kept in them. */
export const jobRequest = {
  /** Version of the form of jobs. Those of version 0 have none. */
  version: z.literal(1),
  /** Name of the model in its file. Default: none. */
  name: z.string().min(1).max(100).optional(),
  /** Family, or a checkpoint to start from. */
  model: z.string().optional(),
  clean: z.string().optional(),
  noise: z.string().optional(),
  noisy: z.string().optional(),
  /** Noise of one place, which the model is tuned to; `noise` then keeps it from forgetting all others. */
  captured: z.string().optional(),
  /** Measured responses of rooms, which `remix.measuredRooms` plays speech in. */
  rooms: z.string().optional(),
  /** Files of the folders that are left out: paths that end so. */
  exclude: z.array(z.string()).default([]),
  device: z.string().default('auto'),
  preset: z.string().optional(),
  /** `key=value` overrides that it was started with. */
  set: z.record(z.string(), z.unknown()).default({}),
};
