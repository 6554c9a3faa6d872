import { TINY_SETTINGS } from '../../support/tiny-training.js';

/** Options of `denoise tune` whose trials take a second. */
export const TINY: readonly string[] = [
  '--task',
  'frequency',
  ...Object.entries(TINY_SETTINGS).flatMap(([key, value]) => ['--set', `${key}=${value}`]),
];
