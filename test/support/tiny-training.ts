import type { TuningPlan } from '../../src/tuning/trainings/tune.js';

/** Settings of a training that takes a second: the frequency task, 0.4 s of it, 20 steps an epoch. */
export const TINY_SETTINGS = { 'signal.seconds': 0.4, length: 20, hidden: 4 };

/** A study of such trainings. */
export function tinyPlan(
  plan: Partial<TuningPlan> & { space: readonly string[]; epochs?: number },
): TuningPlan {
  const { space, epochs = 9, ...rest } = plan;
  return {
    search: {
      search: 'tpe',
      space,
      sampler: 'random',
      pruner: 'asha',
      prunerOptions: { minSteps: 1 },
      settings: {},
    },
    request: { task: 'frequency', device: 'cpu', set: { ...TINY_SETTINGS, epochs } },
    family: 'unet1d-lstm',
    doctor: 'off',
    folds: 1,
    stop: { trials: 6 },
    finishBest: 1,
    ...rest,
  };
}
