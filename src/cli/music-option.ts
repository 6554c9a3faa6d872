import { Option } from 'commander';
import { MUSIC_CHOICES } from '../engine/music-choice.js';

/** `--music`, of recordings and of live audio alike. */
export const musicOption = (): Option =>
  new Option(
    '--music <auto|on|off>',
    'leave music in: where it is found, also notes that wobble, or denoise it all the same',
  )
    .choices(MUSIC_CHOICES)
    .default('auto');
