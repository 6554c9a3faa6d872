import { writeCheckpoint } from '../../models/checkpoint.js';
import { familyByName } from '../../models/families.js';
import { count, initialVector } from '../../src/nn/model-builder.js';
import { describeModel } from '../../src/nn/streaming-graph.js';

/** Bytes of a checkpoint whose model multiplies what it hears, near enough: an untrained mask with another bias. */
export function gainCheckpoint(gain: number, name = `times ${gain}`): Uint8Array {
  const family = familyByName('unet1d-lstm');
  const config = family.configSchema.parse({ channels: [4, 6], strides: [4, 2], hidden: 5, blocks: 1 });
  const { weights: specs, buffers } = describeModel(family, config);
  const weights = initialVector(specs, 1);
  let at = 0;
  for (const { name: weight, shape } of specs) {
    if (weight === 'decoder.0.bias') weights.set([gain, 0], at);
    at += count(shape);
  }
  return writeCheckpoint(family, config, { weights, buffers: initialVector(buffers, 1) }, { name });
}
