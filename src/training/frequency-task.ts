import { lstmNetwork } from '../../models/lstm-network.js';
import type { Tensor } from '../graph/graph.js';
import { Graph } from '../graph/graph.js';
import { ModelBuilder } from '../graph/model-builder.js';
import { stateZeros } from '../graph/offline-graph.js';
import { mse } from '../graph/ops/loss.js';
import { reshape } from '../graph/ops/shape.js';
import {
  FREQUENCY_TEST_SEED,
  FREQUENCY_TRAIN_SEED,
  FrequencyData,
  type FrequencyTaskOptions,
} from './data/frequency-task.js';
import type { TrainingTask } from './task.js';
import type { Feeds } from './training-session.js';

export interface FrequencyTrainingOptions {
  /** LSTM units. */
  hidden: number;
  layers: number;
  /** Between layers. */
  dropout: number;
  /** Samples per chunk: back-propagation goes no further, the state does. */
  length: number;
  signal?: FrequencyTaskOptions;
}

/**
 * The frequency-extraction task of the tuning guides: all rows (one per wanted frequency) side by side as the batch,
 * chunk after chunk; the state is carried from chunk to chunk without its gradient and starts at zero with each epoch.
 */
export function frequencyTask(
  options: FrequencyTrainingOptions,
): TrainingTask & { trainingSet(): Iterable<Feeds> } {
  const training = new FrequencyData(options.signal, FREQUENCY_TRAIN_SEED);
  const test = new FrequencyData(options.signal, FREQUENCY_TEST_SEED);
  const { length } = options;
  const chunks = training.chunks(length);
  const dims = { x: [training.rows, length, training.inputWidth], y: [training.rows, length] };
  const rows = Array.from({ length: training.rows }, (_, row) => row);
  const feedsOf = (data: FrequencyData, index: number): Feeds => {
    const x = new Float32Array(dims.x.reduce((a, b) => a * b, 1));
    const y = new Float32Array(dims.y.reduce((a, b) => a * b, 1));
    data.chunk(index, length, rows, x, y);
    return { x: { data: x, dims: dims.x }, y: { data: y, dims: dims.y } };
  };
  function* all(data: FrequencyData): Iterable<Feeds> {
    for (let index = 0; index < chunks; index++) yield feedsOf(data, index);
  }
  const lay = (builder: ModelBuilder): { loss: Tensor; outputs: Record<string, Tensor> } => {
    const estimate = layNetwork(builder, builder.graph.input('x', dims.x), options);
    return { loss: mse(estimate, builder.graph.input('y', dims.y)), outputs: { estimate } };
  };
  return {
    name: 'frequency',
    batch: training.rows,
    specs: describeNetwork(options, dims.x),
    lay,
    carryState: true,
    stepsPerEpoch: chunks,
    feeds: async (step) => feedsOf(training, step % chunks),
    startsSequence: (step) => step % chunks === 0,
    validation: () => all(test),
    trainingSet: () => all(training),
    close: async () => {},
  };
}

/** `[rows, length, inputs] → [rows, length]` */
const layNetwork = (b: ModelBuilder, x: Tensor, options: FrequencyTrainingOptions): Tensor =>
  reshape(lstmNetwork(b, x, { ...options, outputs: 1 }), x.shape.slice(0, 2));

function describeNetwork(options: FrequencyTrainingOptions, dims: readonly number[]) {
  const graph = new Graph();
  const zeros = ({ shape }: { shape: readonly number[] }): Tensor => graph.full(shape, 0);
  const builder = new ModelBuilder(graph, {
    mode: 'inference',
    batch: dims[0],
    variables: { weight: zeros, buffer: zeros },
    initialState: stateZeros,
  });
  layNetwork(builder, graph.input('x', dims), options);
  return builder;
}
