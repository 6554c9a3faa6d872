/** Starts a larger `unet1d-lstm` from a smaller one. */

import { type Unet1dLstmConfig, unet1dLstm } from '../../models/unet1d-lstm.js';
import { count, initialVector, type VariableSpec } from '../../src/nn/model-builder.js';

import { describeModel, type ModelVariables } from '../../src/nn/streaming-graph.js';

/** Axes of a weight: along a kernel over frequency, gates of an LSTM, what goes in, what comes out. */
type Axis = 'kernel' | 'gate' | 'in' | 'out';

function axesOf(name: string, shape: readonly number[], config: Unet1dLstmConfig): [Axis, number][] {
  const convolution = /^(encoder|decoder)\.(\d+)\.weight$/.exec(name);
  if (convolution !== null) {
    const kernel = 2 * config.strides[Number(convolution[2])];
    return convolution[1] === 'encoder'
      ? [
          ['kernel', kernel],
          ['in', shape[0] / kernel],
          ['out', shape[1]],
        ]
      : [
          ['in', shape[0]],
          ['kernel', kernel],
          ['out', shape[1] / kernel],
        ];
  }
  if (/\.lstm\.(input|recurrent|bias)$/.test(name)) {
    const [rows, ...inputs] = shape;
    return [['gate', 4], ['out', rows / 4], ...inputs.map((size): [Axis, number] => ['in', size])];
  }
  return shape.map((size, i) => [i === shape.length - 1 ? 'out' : 'in', size]);
}

/** Bands that the LSTMs run in. */
const bandsOf = ({ window, lookback, strides }: Unet1dLstmConfig): number =>
  (window + lookback) / 2 / strides.reduce((a, b) => a * b);

/**
 * Weights of `to` that do nearly what those of `from` do: kernels are stretched over finer bins, inputs that are new count
 * for nothing yet, outputs that are new start at random.
 * @throws Error when the two have not the same bands, levels and blocks
 */
export function grow(
  variables: ModelVariables,
  from: Unet1dLstmConfig,
  to: Unet1dLstmConfig,
  seed: number,
): ModelVariables {
  const [olds, news] = [from, to].map(
    (c) => `${bandsOf(c)} bands, ${c.strides.length} levels, ${c.blocks} blocks`,
  );
  if (olds !== news) throw new Error(`A network of ${olds} cannot be grown into one of ${news}.`);
  const [small, large] = [describeModel(unet1dLstm, from), describeModel(unet1dLstm, to)];
  const all = (
    values: Float32Array,
    olds: readonly VariableSpec[],
    news: readonly VariableSpec[],
  ): Float32Array => {
    const out = initialVector(news, seed);
    let [read, write] = [0, 0];
    for (const [i, spec] of news.entries()) {
      const old = olds[i];
      const target = out.subarray(write, write + count(spec.shape));
      const source = values.subarray(read, read + count(old.shape));
      copy(source, axesOf(old.name, old.shape, from), target, axesOf(spec.name, spec.shape, to), old.name);
      read += source.length;
      write += target.length;
    }
    return out;
  };
  return {
    weights: all(variables.weights, small.weights, large.weights),
    buffers: all(variables.buffers, small.buffers, large.buffers),
  };
}

function copy(
  source: Float32Array,
  olds: readonly [Axis, number][],
  target: Float32Array,
  news: readonly [Axis, number][],
  name: string,
): void {
  const kernel = news.findIndex(([axis]) => axis === 'kernel');
  const stretch = kernel < 0 ? 1 : news[kernel][1] / olds[kernel][1];
  // A kernel that gathers from more bins must not add up to more.
  const gain = name.startsWith('encoder') ? 1 / stretch : 1;
  for (let n = 0; n < target.length; n++) {
    let [rest, at, factor] = [n, 0, 1];
    let known = true;
    let fresh = false;
    for (let axis = news.length - 1; axis >= 0; axis--) {
      const [kind, size] = news[axis];
      let index = rest % size;
      rest = Math.floor(rest / size);
      if (kind === 'kernel') index = Math.floor(index / stretch);
      if (index >= olds[axis][1]) {
        known = false;
        fresh ||= kind === 'out';
      }
      at += index * factor;
      factor *= olds[axis][1];
    }
    if (known) target[n] = gain * source[at];
    else if (!fresh) target[n] = 0;
  }
}
