import { linearLayer } from '../../models/layers.js';
import { Graph, type Tensor } from '../../src/graph/graph.js';
import { tanh } from '../../src/graph/ops/elementwise.js';
import { mse } from '../../src/nn/losses/loss.js';
import { ModelBuilder, stateZeros } from '../../src/nn/model-builder.js';
import { Random } from '../../src/random.js';
import type { Trainable } from '../../src/training/loop/trainable.js';
import type { Feeds } from '../../src/training/loop/training-session.js';

/** Samples of a window. */
export const WIDTH = 64;

/** Windows of {@link WIDTH} samples, one after the other: as they come in, and as they ought to be. */
export interface Windows {
  noisy: Float32Array;
  clean: Float32Array;
}

export interface WindowTaskOptions {
  name: string;
  training: Windows;
  validation: Windows;
  batch: number;
  /** Units of each hidden layer. */
  hidden: number;
  /** Hidden layers. Default 1. */
  layers?: number;
}

/** The rows of a batch. */
function rowsOf({ noisy, clean }: Windows, rows: readonly number[]): Feeds {
  const pick = (from: Float32Array) => {
    const data = new Float32Array(rows.length * WIDTH);
    rows.forEach((row, i) => void data.set(from.subarray(row * WIDTH, (row + 1) * WIDTH), i * WIDTH));
    return { data, dims: [rows.length, WIDTH] };
  };
  return { noisy: pick(noisy), clean: pick(clean) };
}

const range = (count: number, first = 0): number[] => Array.from({ length: count }, (_, i) => first + i);

/** Whole windows through fully connected layers: so small that hundreds of trainings take minutes. */
export function windowTask(options: WindowTaskOptions): Trainable {
  const { name, training, validation, batch, hidden, layers = 1 } = options;
  const [trainingRows, validationRows] = [training, validation].map(({ clean }) => clean.length / WIDTH);
  const stepsPerEpoch = trainingRows / batch;
  const buildLoss =
    (rows: number) =>
    (b: ModelBuilder): Tensor => {
      let x = tanh(linearLayer(b, 'in', b.graph.input('noisy', [rows, WIDTH]), hidden));
      for (let layer = 1; layer < layers; layer++) x = tanh(linearLayer(b, `hidden.${layer}`, x, hidden));
      return mse(linearLayer(b, 'out', x, WIDTH), b.graph.input('clean', [rows, WIDTH]));
    };
  const graph = new Graph();
  const zeros = ({ shape }: { shape: readonly number[] }): Tensor => graph.full(shape, 0);
  const specs = new ModelBuilder(graph, {
    mode: 'inference',
    batch,
    variables: { weight: zeros, buffer: zeros },
    initialState: stateZeros,
  });
  buildLoss(batch)(specs);
  let order: { epoch: number; rows: number[] } = { epoch: -1, rows: [] };
  /** Every epoch has an order of its own. */
  const orderOf = (epoch: number): number[] => {
    if (order.epoch === epoch) return order.rows;
    const random = new Random(3, epoch);
    const rows = range(trainingRows);
    for (let i = rows.length - 1; i > 0; i--) {
      const other = random.integer(i + 1);
      [rows[i], rows[other]] = [rows[other], rows[i]];
    }
    order = { epoch, rows };
    return rows;
  };
  return {
    name,
    batch,
    specs,
    buildLoss: buildLoss(batch),
    stepsPerEpoch,
    async feeds(step) {
      const first = (step % stepsPerEpoch) * batch;
      return rowsOf(training, orderOf(Math.floor(step / stepsPerEpoch)).slice(first, first + batch));
    },
    validation: () => range(validationRows / batch).map((i) => rowsOf(validation, range(batch, i * batch))),
    close: async () => {},
  };
}
