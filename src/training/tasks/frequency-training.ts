import { lstmNetwork } from '../../../models/lstm-network.js';
import { UsageError } from '../../errors.js';
import type { Tensor } from '../../graph/graph.js';
import { reshape } from '../../graph/ops/shape.js';
import { mse } from '../../nn/losses/loss.js';
import type { ModelBuilder } from '../../nn/model-builder.js';
import { describeBuild, type ModelDescription } from '../../nn/streaming-graph.js';
import {
  FREQUENCY_TEST_SEED,
  FREQUENCY_TRAIN_SEED,
  FrequencyData,
  type FrequencySignalOptions,
} from '../data/frequency-data.js';
import type { Trainable } from '../loop/trainable.js';
import type { Feeds } from '../loop/training-session.js';

export interface FrequencyTrainingOptions {
  /** LSTM units. */
  hidden: number;
  layers: number;
  /** Between layers. */
  dropout: number;
  /** Samples per chunk: back-propagation goes no further, the state does. */
  length: number;
  /** Rows (wanted frequencies) side by side; a divisor of their number. 1 takes one after the other, 0 all at once. */
  batch: number;
  /** Samples that the longest memory of the network lasts before training; 0 starts it like PyTorch. Default 0. */
  memory?: number;
  /** Every epoch of training hears the sines under noise of its own; the training error is that under the first. */
  freshNoise?: boolean;
  signal?: FrequencySignalOptions;
}

/** Seeds of the noise of later epochs begin behind all others. */
const FRESH_NOISE_SEED = 1000;

/** Longest chunk that is evaluated at once, in samples: what is carried is exact at any length, long ones are fast. */
const EVALUATION_LENGTH = 1000;

/**
 * The frequency-extraction task of the tuning guides: one row per wanted frequency, `batch` of them at a time, chunk after
 * chunk; the state is carried from chunk to chunk without its gradient and starts at zero with each row. Training and test
 * errors are measured over all rows side by side.
 * @throws UsageError `E_CONFIG` when the rows cannot be taken `batch` at a time
 */
export function frequencyTraining(
  options: FrequencyTrainingOptions,
): Trainable & { trainingSet(): Iterable<Feeds> } {
  const training = new FrequencyData(options.signal, FREQUENCY_TRAIN_SEED);
  const test = new FrequencyData(options.signal, FREQUENCY_TEST_SEED);
  const { length } = options;
  const { rows, inputWidth } = training;
  const batch = options.batch === 0 ? rows : options.batch;
  if (rows % batch !== 0)
    throw new UsageError('E_CONFIG', `batch=${batch} does not divide the ${rows} rows of the task.`, {
      hint: 'Take 1, or 0 for all of them side by side.',
    });
  const chunks = training.chunks(length);
  const evaluated = length * chunksAtOnce(chunks, length);
  const feedsOf = (data: FrequencyData, index: number, samples: number, chosen: readonly number[]): Feeds => {
    const x = new Float32Array(chosen.length * samples * inputWidth);
    const y = new Float32Array(chosen.length * samples);
    data.chunk(index, samples, chosen, x, y);
    return {
      x: { data: x, dims: [chosen.length, samples, inputWidth] },
      y: { data: y, dims: [chosen.length, samples] },
    };
  };
  const stepsPerEpoch = (chunks * rows) / batch;
  let heard = { epoch: 0, data: training };
  const heardIn = (epoch: number): FrequencyData => {
    if (options.freshNoise !== true || epoch === 0) return training;
    if (heard.epoch !== epoch)
      heard = { epoch, data: new FrequencyData(options.signal, FRESH_NOISE_SEED + epoch) };
    return heard.data;
  };
  const allRows = Array.from({ length: rows }, (_, row) => row);
  function* all(data: FrequencyData): Iterable<Feeds> {
    for (let index = 0; index < (chunks * length) / evaluated; index++)
      yield feedsOf(data, index, evaluated, allRows);
  }
  const buildLoss = (builder: ModelBuilder): { loss: Tensor; outputs: Record<string, Tensor> } => {
    const dims = builder.training ? [batch, length] : [rows, evaluated];
    const estimate = buildNetwork(builder, builder.graph.input('x', [...dims, inputWidth]), options);
    const loss = mse(estimate, builder.graph.input('y', dims));
    return { loss, outputs: builder.training ? {} : { estimate } };
  };
  return {
    name: 'frequency',
    batch,
    evaluationBatch: rows,
    specs: describeNetwork(options, [batch, length, inputWidth]),
    buildLoss,
    carryState: true,
    stepsPerEpoch,
    feeds: async (step) => {
      const group = batch * Math.floor((step % stepsPerEpoch) / chunks);
      const data = heardIn(Math.floor(step / stepsPerEpoch));
      return feedsOf(data, step % chunks, length, allRows.slice(group, group + batch));
    },
    startsSequence: (step) => step % chunks === 0,
    validation: () => all(test),
    trainingSet: () => all(training),
    close: async () => {},
  };
}

/** The largest divisor of `chunks` with which a chunk stays within {@link EVALUATION_LENGTH}. */
function chunksAtOnce(chunks: number, length: number): number {
  let best = 1;
  for (let divisor = 2; divisor * length <= EVALUATION_LENGTH && divisor <= chunks; divisor++)
    if (chunks % divisor === 0) best = divisor;
  return best;
}

/** `[rows, length, inputs] → [rows, length]` */
const buildNetwork = (b: ModelBuilder, x: Tensor, options: FrequencyTrainingOptions): Tensor =>
  reshape(lstmNetwork(b, x, { ...options, outputs: 1 }), x.shape.slice(0, 2));

const describeNetwork = (options: FrequencyTrainingOptions, dims: readonly number[]): ModelDescription =>
  describeBuild(dims[0], (builder) => {
    buildNetwork(builder, builder.graph.input('x', dims), options);
  });
