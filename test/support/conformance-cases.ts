import { TINY } from './tiny-model.js';

/** A small front end and a small cell for the liquid families. */
const LIQUID = { window: 64, bands: 6, hidden: 5, backboneUnits: 7 };

/** Small enough for milliseconds, with every kind of block in it. */
export const TINY_BANDS = {
  window: 64,
  zones: [
    [2, 4],
    [8, 3],
  ],
  channels: 3,
  hidden: 4,
  wide: 5,
  path: ['band', 'wide', 'lstm', 'mix'],
};

/** One entry per family and per variant of it that is built differently. */
export const conformanceCases: { family: string; label: string; settings: unknown }[] = [
  { family: 'unet1d-lstm', label: '', settings: TINY },
  {
    family: 'unet1d-lstm',
    label: 'one level, two blocks',
    settings: { ...TINY, channels: [5], strides: [4], blocks: 2 },
  },
  {
    family: 'unet1d-lstm',
    label: 'looks back and ahead',
    settings: { ...TINY, lookback: 96, lookahead: 2, strides: [8, 2] },
  },
  { family: 'band-split', label: '', settings: TINY_BANDS },
  {
    family: 'band-split',
    label: 'three taps, looks back and ahead',
    settings: { ...TINY_BANDS, taps: 3, lookback: 32, lookahead: 2, zones: [[6, 8]] },
  },
  { family: 'unet1d', label: '', settings: { channels: [4, 6, 5], strides: [4, 2, 3], blocks: 2 } },
  { family: 'unet1d', label: 'one level, no blocks', settings: { channels: [3], strides: [8], blocks: 0 } },
  { family: 'lstm', label: '', settings: { hop: 32, hidden: 6, layers: 2 } },
  { family: 'lstm', label: 'one layer, odd hop', settings: { hop: 7, hidden: 5, layers: 1, dropout: 0.5 } },
  { family: 'cfc', label: '', settings: LIQUID },
  {
    family: 'cfc',
    label: 'no_gate, two layers',
    settings: {
      ...LIQUID,
      mode: 'no_gate',
      layers: 2,
      backboneLayers: 2,
      backboneDropout: 0.3,
      activation: 'gelu',
    },
  },
  {
    family: 'cfc',
    label: 'pure, no backbone',
    settings: { ...LIQUID, mode: 'pure', backboneLayers: 0, timeScaling: 'log' },
  },
  {
    family: 'cfc',
    label: 'mixed memory',
    settings: {
      ...LIQUID,
      mixedMemory: true,
      backboneDropout: 0.3,
      activation: 'silu',
      timeScaling: 'bounded',
    },
  },
  { family: 'ltc', label: '', settings: { window: 64, bands: 6, units: 7, outputs: 3 } },
  {
    family: 'ltc',
    label: 'clamped, sparse',
    settings: {
      window: 64,
      bands: 5,
      units: 6,
      outputs: 6,
      constraint: 'clamp',
      sparsity: 0.4,
      elapsed: 0.7,
    },
  },
  {
    family: 'seqvae',
    label: '',
    settings: {
      window: 64,
      bands: 5,
      frames: 4,
      hidden: 4,
      latent: 6,
      codes: 5,
      layers: 3,
      decoderDropout: 0.3,
    },
  },
];
