import { writeCheckpoint } from '../../models/checkpoint.js';
import { familyByName } from '../../models/families.js';
import { initialVector } from '../../src/nn/model-builder.js';
import { describeModel, type ModelVariables } from '../../src/nn/streaming-graph.js';
import { Random } from '../../src/random.js';

/** Small enough that a test runs it in milliseconds, with every part of the flagship in it. */
export const TINY = { window: 64, channels: [4, 6], strides: [2, 2], hidden: 5, blocks: 1 };

/** Weights as at the start of training, made rough enough that the model is far from passing its input through. */
export function roughVariables(
  familyName: string,
  settings: unknown,
  seed = 7,
): { config: unknown; variables: ModelVariables } {
  const family = familyByName(familyName);
  const config = family.configSchema.parse(settings);
  const { weights, buffers } = describeModel(family, config);
  const random = new Random(seed);
  const vary = (values: Float32Array): Float32Array => values.map((v) => v + 0.1 * random.normal());
  return {
    config,
    variables: {
      weights: vary(initialVector(weights, seed)),
      buffers: vary(initialVector(buffers, seed)).map(Math.abs),
    },
  };
}

/** Bytes of a checkpoint of a family with rough weights. */
export function roughCheckpoint(familyName = 'unet1d-lstm', settings: unknown = TINY, seed = 7): Uint8Array {
  const { config, variables } = roughVariables(familyName, settings, seed);
  return writeCheckpoint(familyByName(familyName), config, variables, { name: 'rough' });
}

/** Seeded audio with tones, noise and a pause: `samples` long. */
export function testSignal(samples: number, seed = 1): Float32Array {
  const random = new Random(seed);
  return Float32Array.from({ length: samples }, (_, n) =>
    n % 5000 > 4000 ? 0 : 0.2 * Math.sin(0.05 * n) + 0.1 * Math.sin(0.31 * n) + 0.05 * random.normal(),
  );
}
