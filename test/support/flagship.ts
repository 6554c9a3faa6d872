import { type Unet1dLstmConfig, unet1dLstm, unet1dLstmConfig } from '../../models/unet1d-lstm.js';
import { initialVector } from '../../src/nn/model-builder.js';
import { describeModel, type ModelVariables } from '../../src/nn/streaming-graph.js';
import { Random } from '../../src/random.js';

/** The flagship in every part, small enough to be built and run in milliseconds: hop and latency of 32 samples. */
export const smallFlagship: Unet1dLstmConfig = unet1dLstmConfig.parse({
  window: 64,
  channels: [4, 6],
  strides: [4, 2],
  hidden: 5,
  blocks: 2,
});

export const smallDescription = describeModel(unet1dLstm, smallFlagship);

/** Weights far from the start, so that the mask is not the identity and every part bears on the output. */
export function livelyVariables(seed: number): ModelVariables {
  const random = new Random(seed, 77);
  const weights = initialVector(smallDescription.weights, seed).map((w) => w + random.uniform(-0.3, 0.3));
  const buffers = initialVector(smallDescription.buffers, seed).map((b) => b + random.uniform(0, 0.5));
  return { weights, buffers };
}

export function noise(samples: number, seed: number, level = 0.3): Float32Array {
  const random = new Random(seed, 78);
  return Float32Array.from({ length: samples }, () => random.uniform(-level, level));
}
