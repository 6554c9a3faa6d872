import { describe, expect, it } from 'vitest';
import { Checkpoint, writeCheckpoint } from '../../models/checkpoint.js';
import { familyByName } from '../../models/families.js';
import { siSdr } from '../../src/audio/metrics/si-sdr.js';
import { Model } from '../../src/engine/model.js';
import { denoiseWhole } from '../../src/evaluation/denoise-whole.js';
import { LIVE_LIMITS } from '../../src/online/gate.js';
import { type GateSet, gateScores } from '../../src/online/gate-scores.js';
import { bestBetween } from '../../src/online/weights-between.js';
import { roughCheckpoint, roughVariables, TINY, testSignal } from '../support/tiny-model.js';

const FAMILY = 'unet1d-lstm';
const LIMITS = { ...LIVE_LIMITS, load: Number.POSITIVE_INFINITY };
const champion = Checkpoint.parse(roughCheckpoint());
const { config, variables } = roughVariables(FAMILY, TINY);
const withWeights = (weights: Float32Array): Checkpoint =>
  Checkpoint.parse(
    writeCheckpoint(familyByName(FAMILY), config, { ...variables, weights }, { name: 'tuned' }),
  );

const mixture = (seed: number) => {
  const clean = testSignal(16_000, seed);
  return { clean, noisy: clean.map((x, i) => x + 0.05 * Math.sin(0.9 * i)), snrDb: 10 };
};

/** What the champion gives is clean by definition: nothing is better than to stay. */
async function setForChampion(): Promise<GateSet> {
  const model = await Model.fromBytes(champion.bytes, { device: 'cpu' });
  const through = async (samples: Float32Array) =>
    (await denoiseWhole(model, samples, { as: 'live' })).denoised;
  const mixtures = await Promise.all(
    [1, 2, 3, 4].map(async (seed) => {
      const { noisy, snrDb } = mixture(seed);
      return { noisy, snrDb, clean: await through(noisy) };
    }),
  );
  await model.close();
  return { matched: mixtures, anchor: mixtures.slice(0, 2), clean: [], noise: [] };
}

describe('the best weights between champion and tuned', () => {
  it('are the tuned ones where they harm nothing', async () => {
    const set = { matched: [1, 2].map(mixture), anchor: [3, 4].map(mixture), clean: [], noise: [] };
    const same = withWeights(variables.weights);
    const { checkpoint, share } = await bestBetween({ champion, tuned: same }, set, 'live', LIMITS);
    expect(share).toBe(1);
    expect(checkpoint).toBe(same);
  });

  it('are near the champion where the tuned ones do harm, and lie on the straight line', async () => {
    const far = variables.weights.map((x, i) => x + 0.4 * Math.sin(i));
    const found = await bestBetween(
      { champion, tuned: withWeights(far) },
      await setForChampion(),
      'live',
      LIMITS,
    );
    expect(found.share).toBe(0.25);
    const { weights } = found.checkpoint.variables().variables;
    for (let i = 0; i < far.length; i += 97)
      expect(weights[i]).toBeCloseTo(0.75 * variables.weights[i] + 0.25 * far[i], 5);
    expect(found.checkpoint.info).toMatchObject({ name: 'tuned', training: { shareOfWay: 0.25 } });
  });
});

describe('the scores of the gate', () => {
  it('are those of each recording by itself', async () => {
    const matched = Array.from({ length: 18 }, (_, i) => mixture(i));
    const model = await Model.fromBytes(champion.bytes, { device: 'cpu' });
    const set: GateSet = { matched, anchor: [], clean: [matched[0].clean], noise: [matched[1].noisy] };
    const scores = await gateScores(model, set, 'live');
    for (const [i, { noisy, clean }] of matched.entries()) {
      const { denoised } = await denoiseWhole(model, noisy, { as: 'live' });
      expect(scores.matched[i]).toBeCloseTo(siSdr(denoised, clean), 3);
    }
    expect(scores).toMatchObject({ anchor: [], notFinite: 0 });
    expect(scores.streamingError).toBeLessThan(1e-4);
    await model.close();
  });
});
