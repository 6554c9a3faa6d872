import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { writeCheckpoint } from '../../../models/checkpoint.js';
import { withPast } from '../../../models/layers.js';
import { subtractDims } from '../../../src/graph/dim.js';
import { scale } from '../../../src/graph/ops/elementwise.js';
import { slice } from '../../../src/graph/ops/shape.js';
import type { ModelFamily } from '../../../src/nn/model-family.js';

const HOP = 160;

/** What the stand-in does to every sample: −6 dB. */
export const STAND_IN_GAIN = 0.5;

/**
 * A model whose output is known: half the input, a hop late. What the command line makes of it can be checked sample by
 * sample, with the engine, its threads and the runtime as they are.
 */
const halfGain: ModelFamily<Record<string, never>> = {
  name: 'half-gain',
  description: 'half of the input, one hop late',
  configSchema: z.strictObject({}),
  sampleRate: () => 16_000,
  hop: () => HOP,
  latency: () => HOP,
  build(b, audio) {
    const joined = withPast(b, 'past', audio, HOP);
    return scale(slice(joined, 1, 0, subtractDims(joined.shape[1], HOP)), STAND_IN_GAIN);
  },
};

/** Writes a checkpoint of the stand-in into `folder`, which every user may enter from then on; gives its path. */
export async function standInModel(folder: string): Promise<string> {
  const variables = { weights: new Float32Array(0), buffers: new Float32Array(0) };
  const bytes = writeCheckpoint(halfGain as ModelFamily, {}, variables, { name: 'half' });
  // A test runs the program as another user.
  await chmod(folder, 0o755);
  const file = join(folder, 'half.onnx');
  await writeFile(file, bytes);
  return file;
}
