/** Closed-form continuous-time networks as denoisers: band magnitudes in, gains per band out. */
import { z } from 'zod';
import type { ModelFamily } from '../src/nn/model-family.js';
import { CFC_ACTIVATIONS, CFC_MODES, type CfcActivation, cfcLayer } from './cfc-cell.js';
import { bandGainModel, elapsedTime, liquidFrontShape } from './liquid-front.js';

const activations = Object.keys(CFC_ACTIVATIONS) as [CfcActivation, ...CfcActivation[]];

const cfcConfig = z
  .strictObject({
    ...liquidFrontShape,
    hidden: z.int().min(1).max(512).default(64).describe('units per layer'),
    layers: z.int().min(1).max(4).default(1).describe('cells on top of each other'),
    mode: z.enum(CFC_MODES).default('default'),
    backboneUnits: z.int().min(1).max(1024).default(128).describe('1.5 to 2 times the hidden size'),
    backboneLayers: z.int().min(0).max(4).default(1),
    backboneDropout: z.number().min(0).max(0.9).default(0),
    activation: z.enum(activations).default('lecun_tanh').describe('of the backbone'),
    mixedMemory: z.boolean().default(false).describe('an LSTM cell in front of each CfC cell'),
  })
  .refine(({ backboneLayers, backboneDropout }) => backboneLayers > 0 || backboneDropout === 0, {
    path: ['backboneDropout'],
    message: 'without a backbone there is nothing to drop',
  })
  .refine((config) => config.mode !== 'pure' || elapsedTime(config) > 0, {
    path: ['timeScaling'],
    message: 'mode pure grows without bound when the scaled time is not positive',
  });
export type CfcConfig = z.infer<typeof cfcConfig>;

export const cfc: ModelFamily<CfcConfig> = {
  name: 'cfc',
  description: 'Closed-form continuous-time (liquid) network on frequency bands',
  levelDependent: true,
  configSchema: cfcConfig,
  sampleRate: (config) => config.sampleRate,
  hop: (config) => config.window / 2,
  latency: (config) => config.window / 2,

  build(b, audio, config) {
    const elapsed = elapsedTime(config);
    return bandGainModel(b, audio, config, (features) => {
      let y = features;
      for (let layer = 0; layer < config.layers; layer++)
        y = cfcLayer(b, `cfc.${layer}`, y, { ...config, elapsed });
      return y;
    });
  },
};
