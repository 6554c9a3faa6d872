import { expect, it } from 'vitest';
import { Model } from '../../src/engine/model.js';
import { TINY_BANDS } from '../support/conformance-cases.js';
import { roughCheckpoint, testSignal } from '../support/tiny-model.js';

it('gives the same whatever the level of the input, from 0 to -50 dB', async () => {
  const model = await Model.fromBytes(roughCheckpoint('band-split', TINY_BANDS));
  const audio = testSignal(60 * model.info.hop);
  const at = async (decibels: number): Promise<Float32Array> => {
    const gain = 10 ** (decibels / 20);
    const clean = await model.createStream().process(audio.map((x) => x * gain));
    return clean.map((x) => x / gain);
  };
  const loud = await at(0);
  const energy = loud.reduce((sum, x) => sum + x * x, 0);
  for (const decibels of [-20, -50]) {
    const quiet = await at(decibels);
    const difference = quiet.reduce((sum, x, i) => sum + (x - loud[i]) ** 2, 0);
    expect(10 * Math.log10(difference / energy), `${decibels} dB`).toBeLessThan(-40);
  }
  await model.close();
});

it('gives finite sound after silence', async () => {
  const model = await Model.fromBytes(roughCheckpoint('band-split', TINY_BANDS));
  const stream = model.createStream();
  const silence = await stream.process(new Float32Array(200 * model.info.hop));
  expect(silence.every((x) => Math.abs(x) < 1e-6)).toBe(true);
  const after = await stream.process(testSignal(20 * model.info.hop));
  expect(after.every(Number.isFinite)).toBe(true);
  await model.close();
});
