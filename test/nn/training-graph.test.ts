import { describe, expect, it } from 'vitest';
import { unet1dLstm } from '../../models/unet1d-lstm.js';
import { Graph, type Tensor } from '../../src/graph/graph.js';
import { add, scale } from '../../src/graph/ops/elementwise.js';
import { linear } from '../../src/graph/ops/linear.js';
import { concat, reshape, slice, split } from '../../src/graph/ops/shape.js';
import { zeros } from '../../src/nn/initialisers.js';
import { mse, negativeSiSdr, spectralLoss } from '../../src/nn/losses/loss.js';
import { count, ModelBuilder, stateZeros } from '../../src/nn/model-builder.js';
import { type BuildLoss, evaluationGraph, trainingGraph } from '../../src/nn/training-graph.js';
import { type Feeds, TrainingSession } from '../../src/training/loop/training-session.js';
import { livelyVariables, noise, smallDescription, smallFlagship } from '../support/flagship.js';
import { checkGradients } from '../support/gradient-check.js';
import { array } from '../support/nd-array.js';
import { startGraph } from '../support/run-graph.js';

const FRAMES = 5;
const SAMPLES = 32 * FRAMES;
const BATCH = 2;
const shape = [BATCH, SAMPLES];

const buildLoss: BuildLoss = (b) => {
  const [noisy, clean] = [b.graph.input('noisy', shape), b.graph.input('clean', shape)];
  const estimate = unet1dLstm.build(b, noisy, smallFlagship);
  return add(spectralLoss(estimate, clean, { windows: [64] }), scale(negativeSiSdr(estimate, clean), 0.02));
};
/** The same with noise drawn inside the graph, and state carried from step to step. */
const buildWithDropout: BuildLoss = (b) => {
  const [noisy, clean] = [b.graph.input('noisy', shape), b.graph.input('clean', shape)];
  return mse(unet1dLstm.build(b, b.dropout(noisy, 0.2), smallFlagship), clean);
};
const feeds = (step: number): Feeds => ({
  noisy: { data: noise(BATCH * SAMPLES, 2 * step), dims: shape },
  clean: { data: noise(BATCH * SAMPLES, 2 * step + 1), dims: shape },
});

const start = (task: BuildLoss, carryState: boolean, seed = 5): Promise<TrainingSession> =>
  TrainingSession.create(task, smallDescription, { batch: BATCH, carryState }, { seed });

async function run(session: TrainingSession, from: number, to: number): Promise<number[]> {
  const losses: number[] = [];
  for (let step = from; step < to; step++) losses.push((await session.step(feeds(step), 1e-3, 0.01)).loss);
  return losses;
}

describe('the gradient of the whole flagship', () => {
  it('equals difference quotients in double precision', async () => {
    const { weights, buffers } = livelyVariables(1);
    const sizes = smallDescription.weights.map(({ shape }) => count(shape));
    // Every eleventh weight and some of every array: all of them would take half a minute.
    const chosen = new Set<number>();
    let at = 0;
    for (const size of sizes) {
      for (let k = 0; k < size; k += size > 30 ? 11 : 4) chosen.add(at + k);
      at += size;
    }
    const indices = [...chosen];
    await checkGradients({
      inputs: [
        array(
          [indices.length],
          indices.map((i) => weights[i]),
        ),
        array(shape, noise(BATCH * SAMPLES, 3)),
        array(shape, noise(BATCH * SAMPLES, 4)),
      ],
      constants: [1, 2],
      // Two cascaded logarithms and PReLUs: a kink may lie within a longer step.
      step: 1e-6,
      tolerance: 1e-5,
      build: (varied, noisy, clean) => {
        const g = varied.graph;
        const fixedWeights = g.table('weights', [weights.length], () => Float64Array.from(weights));
        const flat = replaceAt(varied, indices, fixedWeights);
        const parts = split(flat, sizes, 0);
        let taken = 0;
        const builder = new ModelBuilder(g, {
          mode: 'training',
          batch: BATCH,
          variables: {
            weight: (spec) => reshape(parts[taken++], spec.shape),
            buffer: (spec) =>
              g.table(spec.name, spec.shape, () => Float64Array.from(buffers.subarray(0, count(spec.shape)))),
          },
          initialState: stateZeros,
        });
        const estimate = unet1dLstm.build(builder, noisy, smallFlagship);
        const loss = add(
          spectralLoss(estimate, clean, { windows: [64] }),
          scale(negativeSiSdr(estimate, clean), 0.02),
        );
        return reshape(loss, [1]);
      },
    });
  });
});

/** `base` with the elements at `indices` (ascending) replaced by those of `values`. */
function replaceAt(values: Tensor, indices: readonly number[], base: Tensor): Tensor {
  const length = base.shape[0] as number;
  const ones = split(values, Array<number>(indices.length).fill(1), 0);
  const parts = indices.flatMap((index, i) => {
    const end = indices[i + 1] ?? length;
    return end > index + 1 ? [ones[i], slice(base, 0, index + 1, end)] : [ones[i]];
  });
  return concat(parts, 0);
}

describe('training the flagship', () => {
  it.each([
    ['with dropout and carried state', buildWithDropout, true],
    ['with the loss of the pretraining', buildLoss, false],
  ])('%s: two runs with one seed are equal to the bit, another seed is not', async (_, task, carryState) => {
    const [a, b, other] = await Promise.all([
      start(task, carryState),
      start(task, carryState),
      start(task, carryState, 6),
    ]);
    const losses = await run(a, 0, 4);
    expect(await run(b, 0, 4)).toEqual(losses);
    expect(b.state).toEqual(a.state);
    expect(await run(other, 0, 1)).not.toEqual(losses.slice(0, 1));
    await Promise.all([a, b, other].map((session) => session.close()));
  });

  it('goes on from a snapshot to the bit', async () => {
    const whole = await start(buildWithDropout, true);
    await run(whole, 0, 3);
    const saved = whole.snapshot();
    const carried = new Map([...whole.carried].map(([name, { data }]) => [name, data.slice()]));
    const losses = await run(whole, 3, 6);

    const resumed = await start(buildWithDropout, true, 99);
    resumed.restore(saved);
    for (const [name, { data }] of resumed.carried) data.set(carried.get(name)!);
    expect(await run(resumed, 3, 6)).toEqual(losses);
    expect(resumed.snapshot()).toEqual(whole.snapshot());
    await Promise.all([whole, resumed].map((session) => session.close()));
  });

  it('refuses the state of another model', async () => {
    const session = await start(buildLoss, false);
    const state = session.snapshot();
    expect(() => session.restore({ ...state, weights: state.weights.slice(1) })).toThrow(/saved state has/);
    await session.close();
  });

  it('lowers the loss on one batch, and leaves a step that is not finite undone', async () => {
    const session = await start(buildLoss, false);
    const losses: number[] = [];
    for (let i = 0; i < 25; i++) losses.push((await session.step(feeds(0), 5e-3)).loss);
    expect(losses[24]).toBeLessThan(losses[0] - 0.1);
    const before = session.snapshot();
    const broken = {
      ...feeds(0),
      noisy: { data: new Float32Array(BATCH * SAMPLES).fill(Number.NaN), dims: shape },
    };
    const { loss } = await session.step(broken, 5e-3);
    expect(Number.isFinite(loss)).toBe(false);
    expect(session.snapshot()).toEqual(before);
    await session.close();
  });

  it('carries the state that a step leaves behind into the next', async () => {
    // A learning rate of nothing: what is compared is the state that the first step hands to the second.
    const session = await start(buildWithDropoutOff, true);
    const both = [await session.step(feeds(0), 0), await session.step(feeds(1), 0)];
    session.clearCarried();
    const again = await session.step(feeds(1), 0);
    expect(again.loss).not.toBe(both[1].loss);
    await session.close();
  });
});

const buildWithDropoutOff: BuildLoss = (b) => {
  const [noisy, clean] = [b.graph.input('noisy', shape), b.graph.input('clean', shape)];
  return mse(unet1dLstm.build(b, noisy, smallFlagship), clean);
};

describe('a training graph', () => {
  const two: BuildLoss = (b) => {
    const x = b.graph.input('x', [3, 2]);
    const y = linear(x, b.weight('used', [2, 1], zeros));
    b.weight('unused', [4], zeros);
    b.buffer('mean', [1], zeros);
    b.updateBuffer('mean', reshape(linear(x.graph.full([1, 3], 1 / 3), y), [1]));
    return mse(y, b.graph.full([3, 1], 1));
  };
  const specs = {
    weights: [
      { name: 'used', shape: [2, 1], initialiser: zeros },
      { name: 'unused', shape: [4], initialiser: zeros },
    ],
    buffers: [{ name: 'mean', shape: [1], initialiser: zeros }],
  };

  it('gives weights that nothing uses a gradient of zero, and follows buffers by one hundredth', async () => {
    const running = await startGraph(trainingGraph(two, specs, { batch: 3, showGradient: true, clip: 1e9 }));
    const out = await running.run({
      x: array([3, 2], [1, 2, 3, 4, 5, 6]),
      weights: array([6], [0.5, 0.25, 1, 1, 1, 1]),
      moment1: array([6], new Float64Array(6)),
      moment2: array([6], new Float64Array(6)),
      buffers: array([1], [1]),
      schedule: array([3], [1, 1, 1]),
    });
    await running.close();
    // y = (1, 2.5, 4): d = 2/3·(y − 1)·x summed.
    expect([...out.gradient.data].map((v) => +v.toFixed(4))).toEqual([13, 16, 0, 0, 0, 0]);
    expect(out['buffers.next'].data[0]).toBeCloseTo(1 + 0.01 * (2.5 - 1), 6);
  });

  it('and its evaluation agree on the loss where nothing differs between them', async () => {
    const running = await startGraph(evaluationGraph(two, specs, { batch: 3 }));
    const { loss } = await running.run({
      x: array([3, 2], [1, 2, 3, 4, 5, 6]),
      weights: array([6], [0.5, 0.25, 1, 1, 1, 1]),
      buffers: array([1], [1]),
    });
    await running.close();
    expect(loss.data[0]).toBeCloseTo((0 + 1.5 ** 2 + 3 ** 2) / 3, 5);
  });

  it('says which weight was declared out of order', () => {
    const swapped = { ...specs, weights: specs.weights.toReversed() };
    expect(() => trainingGraph(two, swapped, { batch: 3 })).toThrow(/"used" was declared where "unused"/);
  });

  it('refuses a loss that is not a scalar', () => {
    const g = new Graph();
    const x = g.input('x', [2]);
    expect(() => g.gradients(scale(x, 2), [x])).toThrow(/scalar.*\[2\]/);
  });
});
