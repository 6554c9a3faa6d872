import { TINY } from './tiny-model.js';

/** One entry per family and per variant of it that is built differently. */
export const conformanceCases: { family: string; label: string; settings: unknown }[] = [
  { family: 'unet1d-lstm', label: '', settings: TINY },
  {
    family: 'unet1d-lstm',
    label: 'one level, two blocks',
    settings: { ...TINY, channels: [5], strides: [4], blocks: 2 },
  },
  { family: 'unet1d', label: '', settings: { channels: [4, 6, 5], strides: [4, 2, 3], blocks: 2 } },
  { family: 'unet1d', label: 'one level, no blocks', settings: { channels: [3], strides: [8], blocks: 0 } },
  { family: 'lstm', label: '', settings: { hop: 32, hidden: 6, layers: 2 } },
  { family: 'lstm', label: 'one layer, odd hop', settings: { hop: 7, hidden: 5, layers: 1, dropout: 0.5 } },
];
