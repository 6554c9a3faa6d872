import { linearLayer } from '../../models/layers.js';
import { Graph, type Tensor } from '../../src/graph/graph.js';
import { tanh } from '../../src/graph/ops/elementwise.js';
import { mse } from '../../src/nn/losses/loss.js';
import { ModelBuilder, stateZeros } from '../../src/nn/model-builder.js';
import { Random } from '../../src/random.js';
import type { Trainable } from '../../src/training/loop/trainable.js';
import type { Feeds } from '../../src/training/loop/training-session.js';

/** Samples of a window. */
const WIDTH = 64;
const HIDDEN = 32;
const TRAINING_WINDOWS = 512;
const VALIDATION_WINDOWS = 256;
/** Deviation of the noise; that of the signal is 0.7. */
const NOISE = 0.5;

interface Windows {
  noisy: Float32Array;
  clean: Float32Array;
}

/** Windows of two sines each, of drawn frequency, amplitude and phase, under white noise. */
function windows(count: number, seed: number): Windows {
  const noisy = new Float32Array(count * WIDTH);
  const clean = new Float32Array(count * WIDTH);
  for (let row = 0; row < count; row++) {
    const random = new Random(seed, row);
    const sines = [0, 1].map(() => ({
      rate: 2 * Math.PI * random.uniform(0.01, 0.2),
      phase: random.uniform(0, 2 * Math.PI),
      amplitude: random.uniform(0.4, 1),
    }));
    for (let n = 0; n < WIDTH; n++) {
      const value = sines.reduce(
        (sum, { rate, phase, amplitude }) => sum + amplitude * Math.sin(rate * n + phase),
        0,
      );
      clean[row * WIDTH + n] = value;
      noisy[row * WIDTH + n] = value + NOISE * random.normal();
    }
  }
  return { noisy, clean };
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

/**
 * A denoiser so small that the 864 trainings of the guide's grid take minutes: two layers over windows of 64 samples, 512 of them to learn
 * from, so that it over-fits when it is trained too fast or for too long.
 */
export function smallTask(batch: number): Trainable {
  const training = windows(TRAINING_WINDOWS, 1);
  const validation = windows(VALIDATION_WINDOWS, 2);
  const stepsPerEpoch = TRAINING_WINDOWS / batch;
  const buildLoss =
    (rows: number) =>
    (b: ModelBuilder): Tensor => {
      const hidden = tanh(linearLayer(b, 'in', b.graph.input('noisy', [rows, WIDTH]), HIDDEN));
      return mse(linearLayer(b, 'out', hidden, WIDTH), b.graph.input('clean', [rows, WIDTH]));
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
    const rows = range(TRAINING_WINDOWS);
    for (let i = rows.length - 1; i > 0; i--) {
      const other = random.integer(i + 1);
      [rows[i], rows[other]] = [rows[other], rows[i]];
    }
    order = { epoch, rows };
    return rows;
  };
  return {
    name: 'small denoiser',
    batch,
    specs,
    buildLoss: buildLoss(batch),
    stepsPerEpoch,
    async feeds(step) {
      const first = (step % stepsPerEpoch) * batch;
      return rowsOf(training, orderOf(Math.floor(step / stepsPerEpoch)).slice(first, first + batch));
    },
    validation: () =>
      range(VALIDATION_WINDOWS / batch).map((i) => rowsOf(validation, range(batch, i * batch))),
    close: async () => {},
  };
}
