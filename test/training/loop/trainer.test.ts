import { describe, expect, it } from 'vitest';
import { linearLayer } from '../../../models/layers.js';
import { Graph, type Tensor } from '../../../src/graph/graph.js';
import { mse } from '../../../src/nn/losses/loss.js';
import { ModelBuilder, stateZeros } from '../../../src/nn/model-builder.js';
import { Random } from '../../../src/random.js';
import type { Trainable } from '../../../src/training/loop/trainable.js';
import { Trainer } from '../../../src/training/loop/trainer.js';
import type { TrainerOptions } from '../../../src/training/loop/trainer-options.js';
import type { EpochEvent, TrainingEvent } from '../../../src/training/loop/training-events.js';
import type { Feeds } from '../../../src/training/loop/training-session.js';
import { scheduleConfigSchema } from '../../../src/training/schedule/create-schedule.js';
import { bits } from '../data/synthetic-audio.js';

const INPUTS = 3;
const OPTIONS: TrainerOptions = {
  epochs: 3,
  seed: 4,
  averageDecay: 0.9,
  schedule: scheduleConfigSchema.parse({ schedule: 'cosine', lr: 0.02, warmup: 0.1 }),
};

interface Toy {
  batch: number;
  accumulate?: number;
  dropout?: number;
  /** Rows of the second shape. */
  other?: number;
}

/** Regression on a plane by a linear layer, with dropout in front where asked; example `i` is the same in every batch size. */
function toyTask({ batch, accumulate = 1, dropout = 0, other }: Toy): Trainable {
  const buildLoss =
    (rows: number) =>
    (b: ModelBuilder): Tensor => {
      const x = b.dropout(b.graph.input('x', [rows, INPUTS]), dropout);
      return mse(linearLayer(b, 'plane', x, 1), b.graph.input('y', [rows, 1]));
    };
  const examples = (first: number, rows: number): Feeds => {
    const x = new Float32Array(rows * INPUTS);
    const y = new Float32Array(rows);
    for (let i = 0; i < rows; i++) {
      const random = new Random(9, first + i);
      for (let k = 0; k < INPUTS; k++) x[i * INPUTS + k] = random.normal();
      y[i] = 0.5 * x[i * INPUTS] - 0.3 * x[i * INPUTS + 1] + 0.1;
    }
    return { x: { data: x, dims: [rows, INPUTS] }, y: { data: y, dims: [rows, 1] } };
  };
  const graph = new Graph();
  const zeros = ({ shape }: { shape: readonly number[] }): Tensor => graph.full(shape, 0);
  const builder = new ModelBuilder(graph, {
    mode: 'inference',
    batch,
    variables: { weight: zeros, buffer: zeros },
    initialState: stateZeros,
  });
  buildLoss(batch)(builder);
  const shapeOf = (step: number): number => (other === undefined ? 0 : step % 2);
  return {
    name: 'toy',
    batch,
    accumulate,
    specs: builder,
    buildLoss: buildLoss(batch),
    otherShapes: other === undefined ? [] : [buildLoss(other)],
    shapeOf,
    stepsPerEpoch: 8,
    feeds: async (step, part = 0) =>
      examples((step * accumulate + part) * batch, shapeOf(step) === 0 ? batch : other!),
    validation: () => [examples(100_000, batch)],
    trainingSet: () => [examples(0, batch)],
    close: async () => {},
  };
}

async function trained(
  toy: Toy,
  options = OPTIONS,
): Promise<{ weights: Float32Array; epochs: EpochEvent[] }> {
  const trainer = await Trainer.create(toyTask(toy), options);
  const epochs: EpochEvent[] = [];
  await trainer.run((event) => event.kind === 'epoch' && epochs.push(event));
  const { weights } = trainer.variables();
  await trainer.close();
  return { weights, epochs };
}

describe('Trainer', () => {
  it('takes gradients over several batches for those of one large batch', async () => {
    const large = await trained({ batch: 12 });
    const parts = await trained({ batch: 4, accumulate: 3 });
    const small = await trained({ batch: 4 });
    const distance = (other: Float32Array): number =>
      Math.hypot(...large.weights.map((w, i) => w - other[i])) / Math.hypot(...large.weights);
    expect(distance(parts.weights)).toBeLessThan(1e-5);
    expect(distance(small.weights)).toBeGreaterThan(1e-3);
    expect(parts.epochs[2].trainLoss).toBeCloseTo(large.epochs[2].trainLoss, 5);
  });

  it('trains on inputs of several shapes with one set of weights', async () => {
    const mixed = await trained({ batch: 4, other: 9 });
    const one = await trained({ batch: 4 });
    expect(mixed.weights).not.toEqual(one.weights);
    expect(mixed.epochs[2].validationLoss).toBeLessThan(0.7 * mixed.epochs[0].validationLoss!);
  });

  it('measures training data without dropout where there is dropout, and only there', async () => {
    const dropped = await trained({ batch: 32, dropout: 0.5 });
    const plain = await trained({ batch: 32 });
    for (const { trainLoss, trainLossWithoutDropout } of dropped.epochs.slice(1))
      expect(trainLossWithoutDropout).toBeLessThan(trainLoss);
    expect(plain.epochs.map(({ trainLossWithoutDropout }) => trainLossWithoutDropout)).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  it.each([1, 7, 8, 13])('goes on from the state after step %i to the bit', async (stop) => {
    const toy: Toy = { batch: 4, accumulate: 2, dropout: 0.2, other: 5 };
    const unbroken = await trained(toy);
    const first = await Trainer.create(toyTask(toy), OPTIONS);
    await first.run(undefined, () => first.step === stop);
    const state = structuredClone(first.state());
    await first.close();
    const second = await Trainer.create(toyTask(toy), OPTIONS);
    second.restore(state);
    await second.run();
    expect(bits(second.variables().weights)).toBe(bits(unbroken.weights));
    await second.close();
  });

  it('steps back from a batch that is not finite, with less of the rate, and says so', async () => {
    const task = toyTask({ batch: 4 });
    const damaged: Trainable = {
      ...task,
      feeds: async (step, part) => {
        const feeds = await task.feeds(step, part);
        if (step === 10) feeds.x.data.fill(Number.NaN);
        return feeds;
      },
    };
    const trainer = await Trainer.create(damaged, OPTIONS);
    const back: TrainingEvent[] = [];
    await trainer.run((event) => event.kind === 'stepped back' && back.push(event));
    expect(back).toEqual([
      { kind: 'stepped back', step: 11, epoch: 2, reason: 'the loss became NaN', rateFactor: 0.3 },
    ]);
    expect(trainer.variables().weights.every(Number.isFinite)).toBe(true);
    await trainer.close();
  });

  it('gives up when steps back do not help', async () => {
    const task = toyTask({ batch: 4 });
    const damaged: Trainable = {
      ...task,
      feeds: async (step, part) => {
        const feeds = await task.feeds(step, part);
        if (step > 5) feeds.x.data.fill(Number.NaN);
        return feeds;
      },
    };
    const trainer = await Trainer.create(damaged, OPTIONS);
    await expect(trainer.run()).rejects.toMatchObject({ code: 'E_DIVERGED' });
    await trainer.close();
  });
});
