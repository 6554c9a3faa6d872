import { expect, it } from 'vitest';
import { writeCheckpoint } from '../../../models/checkpoint.js';
import { type Unet1dLstmConfig, unet1dLstm, unet1dLstmConfig } from '../../../models/unet1d-lstm.js';
import { grow } from '../../../scripts/radio/grow.js';
import { Model } from '../../../src/engine/model.js';
import type { ModelVariables } from '../../../src/nn/streaming-graph.js';
import { roughVariables, TINY, testSignal } from '../../support/tiny-model.js';

const small = unet1dLstmConfig.parse(TINY);
const { variables } = roughVariables('unet1d-lstm', small);

async function denoise(config: Unet1dLstmConfig, weights: ModelVariables): Promise<Float32Array> {
  const model = await Model.fromBytes(writeCheckpoint(unet1dLstm, config, weights, { name: 'grown' }));
  const stream = model.createStream();
  const head = (await stream.process(testSignal(4000))).slice();
  const tail = await stream.flush();
  await model.close();
  return Float32Array.from([...head, ...tail]);
}

/** Power of the difference from the small network's sound against that sound, dB. */
async function differenceDb(settings: Partial<Unet1dLstmConfig>): Promise<number> {
  const large = unet1dLstmConfig.parse({ ...small, ...settings });
  const before = await denoise(small, variables);
  const after = await denoise(large, grow(variables, small, large, 1));
  const power = (x: Float32Array): number => x.reduce((sum, value) => sum + value * value, 0);
  return 10 * Math.log10(power(after.map((value, n) => value - before[n])) / power(before) + 1e-20);
}

it('leaves a network of the same size as it is', () => {
  expect(grow(variables, small, small, 1)).toEqual(variables);
});

it('gives the sound of the small network when more memory is added', async () => {
  expect(await differenceDb({ hidden: 9 })).toBeLessThan(-100);
});

it('starts near it with finer bins, looking ahead', async () => {
  expect(await differenceDb({ lookahead: 1 })).toBeLessThan(-50);
  expect(await differenceDb({ lookback: 64, strides: [4, 2] })).toBeLessThan(-15);
});

it('refuses another number of bands', () => {
  const finer = unet1dLstmConfig.parse({ ...small, lookback: 64 });
  expect(() => grow(variables, small, finer, 1)).toThrow(/8 bands.*16 bands/);
});
