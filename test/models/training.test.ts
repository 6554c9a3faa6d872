/** That what is built can be trained: a few seconds each, on a tone in noise. */
import { describe, expect, it } from 'vitest';
import { familyByName, parseConfig } from '../../models/families.js';
import { slice } from '../../src/graph/ops/shape.js';
import { mse } from '../../src/nn/losses/loss.js';
import { describeModel } from '../../src/nn/streaming-graph.js';
import type { BuildLoss } from '../../src/nn/training-graph.js';
import { Random } from '../../src/random.js';
import { TrainingSession } from '../../src/training/loop/training-session.js';

const LIQUID = { window: 64, bands: 12, backboneUnits: 12, hidden: 12 };
const [BATCH, SAMPLES] = [4, 1024];

/** A session on a family and a source of steps: swelling tones in noise, to be given back clean. */
async function startTraining(name: string, settings: unknown, seed = 1) {
  const family = familyByName(name);
  const config = parseConfig(family, settings);
  const samples = Math.ceil(SAMPLES / family.hop(config)) * family.hop(config);
  const late = family.latency(config);
  const buildLoss: BuildLoss = (b) => {
    const noisy = b.graph.input('noisy', [BATCH, samples]);
    const clean = b.graph.input('clean', [BATCH, samples]);
    const estimate = slice(family.build(b, noisy, config), 1, late, samples);
    return mse(estimate, slice(clean, 1, 0, samples - late));
  };
  const specs = describeModel(family, config);
  const session = await TrainingSession.create(buildLoss, specs, { batch: BATCH }, { seed });
  const step = (index: number, learningRate: number) => {
    const random = new Random(seed, index);
    const clean = new Float32Array(BATCH * samples);
    for (let row = 0; row < BATCH; row++) {
      const [phase, swell] = [random.uniform(0, 6.28), random.uniform(0.01, 0.02)];
      for (let n = 0; n < samples; n++)
        clean[row * samples + n] = 0.3 * Math.sin(0.2 * n + phase) * (1 + Math.sin(swell * n));
    }
    const noisy = clean.map((s) => s + 0.3 * random.normal());
    const dims = [BATCH, samples];
    return session.step({ noisy: { data: noisy, dims }, clean: { data: clean, dims } }, learningRate);
  };
  return { session, step, specs };
}

const cases = [
  { family: 'unet1d', settings: { channels: [8, 12], strides: [4, 4], blocks: 2 }, rate: 1e-2, most: 0.6 },
  { family: 'lstm', settings: { hop: 16, hidden: 24, layers: 1 }, rate: 5e-3, most: 0.6 },
  { family: 'cfc', settings: LIQUID, rate: 1e-2, most: 0.6 },
  { family: 'cfc', settings: { ...LIQUID, mode: 'pure', activation: 'silu' }, rate: 1e-2, most: 0.6 },
  { family: 'cfc', settings: { ...LIQUID, mode: 'no_gate', mixedMemory: true }, rate: 1e-2, most: 0.6 },
  { family: 'ltc', settings: { window: 64, bands: 12, units: 12, outputs: 8 }, rate: 2e-2, most: 0.6 },
];

describe.each(cases)('$family $settings', ({ family, settings, rate, most }) => {
  it('learns to take noise away', async () => {
    const { session, step } = await startTraining(family, settings);
    const losses: number[] = [];
    for (let i = 0; i < (family === 'ltc' ? 40 : 80); i++) losses.push((await step(i, rate)).loss);
    await session.close();
    const mean = (part: number[]): number => part.reduce((a, b) => a + b, 0) / part.length;
    expect(mean(losses.slice(-10)) / mean(losses.slice(0, 3))).toBeLessThan(most);
  });

  it('takes the same steps for the same seed, to the bit', async () => {
    const runs = await Promise.all([1, 2].map(() => startTraining(family, settings)));
    for (const { step } of runs) for (let i = 0; i < 2; i++) await step(i, rate);
    expect(runs[0].session.state.weights).toEqual(runs[1].session.state.weights);
    for (const { session } of runs) await session.close();
  });
});

describe('the positive parameters of ltc', () => {
  const lowest = async (constraint: string): Promise<number> => {
    const settings = { window: 64, bands: 6, units: 6, outputs: 4, constraint };
    const { session, step, specs } = await startTraining('ltc', settings);
    // A rate far too high, so that an unbounded weight would go far below 0.
    for (let i = 0; i < 8; i++) await step(i, 0.3);
    const { weights } = session.state;
    await session.close();
    let at = 0;
    let least = Number.POSITIVE_INFINITY;
    for (const { name, shape } of specs.weights) {
      const size = shape.reduce((a, b) => a * b, 1);
      if (/\.(gleak|cm|w|sensory_w)$/.test(name)) least = Math.min(least, ...weights.subarray(at, at + size));
      at += size;
    }
    return least;
  };

  it('are clamped at 0 after every step, or free under softplus', async () => {
    expect(await lowest('clamp')).toBe(0);
    expect(await lowest('softplus')).toBeLessThan(-0.1);
  });
});

describe('settings', () => {
  const refused: [string, unknown, string][] = [
    ['cfc', { mode: 'gated' }, 'mode'],
    ['cfc', { activation: 'sine' }, 'activation'],
    ['cfc', { backboneLayers: 0, backboneDropout: 0.1 }, 'backboneDropout'],
    ['cfc', { mode: 'pure', timeScaling: 'normalised', timeMean: 2 }, 'timeScaling'],
    ['ltc', { units: 4, outputs: 5 }, 'outputs'],
    ['ltc', { timeScaling: 'normalised', timeMean: 1 }, 'timeScaling'],
    ['unet1d', { channels: [8], strides: [4, 4] }, 'channels'],
    ['lstm', { hiden: 8 }, 'hiden'],
    ['seqvae', { layers: 0 }, 'layers'],
  ];
  it.each(refused)('of %s that cannot be are refused: %j', (family, settings, what) => {
    expect(() => parseConfig(familyByName(family), settings)).toThrow(
      expect.objectContaining({ code: 'E_CONFIG', message: expect.stringContaining(what) }),
    );
  });
});
