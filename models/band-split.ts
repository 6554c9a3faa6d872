/**
 * A causal network on short-time spectra in few, large products, after the band-split RNN (Luo & Yu 2023): every frame is
 * cut into bands, narrow below and wide above, each band becomes a row of channels, and a path of blocks runs over them:
 * memories in each band with shared weights, mixing across the bands, an LSTM over the whole band at once. Each band then
 * gives a complex filter of a few frames for its bins. A running level is taken out of what the network sees, inside the
 * graph, so that the result does not depend on the level of the input.
 */
import { z } from 'zod';
import type { Tensor } from '../src/graph/graph.js';
import type { Spectrum } from '../src/graph/ops/spectral.js';
import type { ModelBuilder } from '../src/nn/model-builder.js';
import type { ModelFamily } from '../src/nn/model-family.js';
import { blocks } from './band-blocks.js';
import { joinBands, splitBands } from './band-zones.js';
import { framesBack, levelFreeFeatures } from './level-free.js';
import {
  analyse,
  delayed,
  filterFrames,
  frameSettings,
  LOOKBACK_RULE,
  lookbackFits,
  synthesise,
} from './spectral-front.js';

const zone = z.tuple([z.int().min(1).max(512), z.int().min(1).max(512)]);

const bandSplitConfig = z
  .strictObject({
    ...frameSettings,
    lookahead: z
      .int()
      .min(0)
      .max(64)
      .default(0)
      .describe('frames heard before one is cleaned; each delays by half a window'),
    zones: z
      .array(zone)
      .min(1)
      .max(8)
      .default([
        [4, 16],
        [8, 8],
        [16, 8],
      ])
      .describe('from 0 Hz up: bins of a band, and how many such bands'),
    channels: z.int().min(1).max(512).default(16).describe('numbers that stand for a band'),
    path: z
      .array(z.enum(['band', 'lstm', 'mix', 'wide']))
      .min(1)
      .max(24)
      .default(['band', 'wide', 'band', 'wide', 'band'])
      .describe('gated mean or LSTM in each band, mixing across bands, LSTM over all bands'),
    hidden: z.int().min(1).max(1024).default(32).describe('units of the memory in each band'),
    wide: z.int().min(1).max(2048).default(192).describe('units of the LSTM over all bands'),
    taps: z
      .int()
      .min(1)
      .max(8)
      .default(1)
      .describe('frames that are filtered into a clean one, itself and those before'),
    exponent: z.number().min(0.1).max(1).default(0.3).describe('compression of the input magnitudes'),
    levelSeconds: z
      .number()
      .min(0.05)
      .max(60)
      .default(1)
      .describe('time constant of the running level, seconds'),
  })
  .refine(lookbackFits, LOOKBACK_RULE)
  .refine(
    ({ window, lookback, zones }) =>
      zones.reduce((bins, [width, count]) => bins + width * count, 0) === (window + lookback) / 2,
    'the zones must have (window + lookback)/2 bins together',
  );
export type BandSplitConfig = z.infer<typeof bandSplitConfig>;

export const bandSplit: ModelFamily<BandSplitConfig> = {
  name: 'band-split',
  description: 'Spectral bands with a memory each, mixed by an LSTM over the whole band',
  configSchema: bandSplitConfig,
  sampleRate: (config) => config.sampleRate,
  hop: (config) => config.window / 2,
  latency: ({ window, lookahead }) => (1 + lookahead) * (window / 2),

  build(b, audio, config) {
    const { window, lookback, lookahead, zones, channels, taps } = config;
    const newest = analyse(b, audio, window, lookback);
    let x = splitBands(b, 'split', networkInput(b, newest, config), zones, channels);
    config.path.forEach((kind, i) => {
      x = blocks[kind](b, `path.${i}`, x, config);
    });
    const filter = joinBands(b, 'join', x, zones, 2 * taps);
    const spectrum = delayed(b, newest, lookahead);
    return synthesise(b, filterFrames(b, spectrum, filter, taps), window, lookback);
  },
};

/**
 * Level-free features of the newest frame and the one before, and of the frame to clean and the one before where that is
 * another: `[batch, frames, planes, bins]`.
 */
function networkInput(b: ModelBuilder, newest: Spectrum, config: BandSplitConfig): Tensor {
  const { lookahead, exponent, levelSeconds, sampleRate, window } = config;
  const framesPerSecond = (2 * sampleRate) / window;
  const features = levelFreeFeatures(b, newest, exponent, Math.exp(-1 / (levelSeconds * framesPerSecond)));
  const ages = [...new Set([0, 1, lookahead, lookahead + 1])].sort((one, other) => one - other);
  return framesBack(b, 'features', features, ages);
}
