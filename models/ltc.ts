/** Liquid time-constant networks as denoisers: band magnitudes in, gains per band out. */
import { z } from 'zod';
import type { ModelFamily } from '../src/nn/model-family.js';
import { bandGainModel, elapsedTime, liquidFrontShape } from './liquid-front.js';
import { ltcLayer } from './ltc-cell.js';

const ltcConfig = z
  .strictObject({
    ...liquidFrontShape,
    units: z.int().min(1).max(256).default(32).describe('neurons'),
    outputs: z.int().min(1).max(256).default(16).describe('motor neurons among them'),
    unfolds: z.int().min(1).max(24).default(6).describe('solver steps per frame'),
    constraint: z
      .enum(['softplus', 'clamp'])
      .default('softplus')
      .describe('what keeps conductances positive'),
    sparsity: z.number().min(0).max(0.9).default(0).describe('share of synapses left out'),
  })
  .refine(({ units, outputs }) => outputs <= units, {
    path: ['outputs'],
    message: 'motor neurons are some of the units',
  })
  .refine((config) => elapsedTime(config) > 0, {
    path: ['timeScaling'],
    message: 'the solver needs a scaled time above 0',
  });
export type LtcConfig = z.infer<typeof ltcConfig>;

export const ltc: ModelFamily<LtcConfig> = {
  name: 'ltc',
  description: 'Liquid time-constant network on frequency bands',
  levelDependent: true,
  configSchema: ltcConfig,
  sampleRate: (config) => config.sampleRate,
  hop: (config) => config.window / 2,
  latency: (config) => config.window / 2,

  build(b, audio, config) {
    const elapsed = elapsedTime(config);
    return bandGainModel(b, audio, config, (features) =>
      ltcLayer(b, 'ltc', features, { ...config, elapsed }),
    );
  },
};
