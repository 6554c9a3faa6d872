/**
 * A stateful LSTM on the waveform: every hop of samples is one step, and what the network gives is added to it. The same
 * network, one sample a step, learns the frequency-extraction task of the guides.
 */
import { z } from 'zod';
import { divideDim } from '../src/graph/dim.js';
import { add } from '../src/graph/ops/elementwise.js';
import { reshape } from '../src/graph/ops/shape.js';
import type { ModelFamily } from '../src/nn/model-family.js';
import { lstmNetwork } from './lstm-network.js';

const lstmConfig = z.strictObject({
  sampleRate: z.int().min(8000).max(48000).default(16000).describe('Hz'),
  hop: z.int().min(1).max(1024).default(128).describe('samples a step takes and gives'),
  hidden: z.int().min(1).max(1024).default(64).describe('units per layer'),
  layers: z.int().min(1).max(4).default(2),
  dropout: z.number().min(0).max(0.9).default(0).describe('between layers; nothing to drop with one layer'),
});
export type LstmConfig = z.infer<typeof lstmConfig>;

export const lstmFamily: ModelFamily<LstmConfig> = {
  name: 'lstm',
  description: 'Stateful LSTM on hops of the waveform, without latency',
  levelDependent: true,
  configSchema: lstmConfig,
  sampleRate: (config) => config.sampleRate,
  hop: (config) => config.hop,
  latency: () => 0,

  build(b, audio, { hop, ...network }) {
    const [batch, time] = audio.shape;
    const steps = reshape(audio, [batch, divideDim(time, hop), hop]);
    return reshape(add(steps, lstmNetwork(b, steps, { ...network, outputs: hop })), audio.shape);
  },
};
