import { TINY } from './tiny-model.js';

/** One entry per family and per variant of it that is built differently. */
export const conformanceCases: { family: string; label: string; settings: unknown }[] = [
  { family: 'unet1d-lstm', label: '', settings: TINY },
  {
    family: 'unet1d-lstm',
    label: 'one level, two blocks',
    settings: { ...TINY, channels: [5], strides: [4], blocks: 2 },
  },
];
