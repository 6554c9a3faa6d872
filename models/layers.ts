/** Layers that several families share, with their weights declared where they are used. */

import { addDims, type Dim, fixed, multiplyDims, subtractDims } from '../src/graph/dim.js';
import type { Tensor } from '../src/graph/graph.js';
import { div, mul, offset, sqrt, sub } from '../src/graph/ops/elementwise.js';
import { linear } from '../src/graph/ops/linear.js';
import { lstm } from '../src/graph/ops/lstm.js';
import { batchNorm, EPSILON, layerNorm } from '../src/graph/ops/normalisation.js';
import { concat, reshape, slice, transpose } from '../src/graph/ops/shape.js';
import { byFanIn, type Initialiser, ones, zeros } from '../src/nn/initialisers.js';
import type { ModelBuilder } from '../src/nn/model-builder.js';

/** Linear layer over the last axis: `[…, inputs] → […, outputs]`. */
export function linearLayer(b: ModelBuilder, name: string, x: Tensor, outputs: number): Tensor {
  const inputs = fixed(x.shape[x.shape.length - 1], `the input of ${name}`);
  const w = b.weight(`${name}.weight`, [inputs, outputs], byFanIn(inputs));
  return linear(x, w, b.weight(`${name}.bias`, [outputs], byFanIn(inputs)));
}

/** Layer normalisation over the last axis, with gain and bias of its size; the shape stays. */
export function layerNormLayer(b: ModelBuilder, name: string, x: Tensor): Tensor {
  const channels = fixed(x.shape[x.shape.length - 1], `the input of ${name}`);
  return layerNorm(
    x,
    b.weight(`${name}.gain`, [channels], ones),
    b.weight(`${name}.bias`, [channels], zeros),
  );
}

/**
 * A linear layer followed by batch normalisation over all but the last axis. In training the statistics are those of the
 * batch; a stream uses the running averages, multiplied into the weights here so that the runtime folds both into one
 * product when it loads the file.
 */
export function normalisedLinear(
  b: ModelBuilder,
  name: string,
  outputs: number,
  apply: (w: Tensor, bias: Tensor | undefined) => Tensor,
  weightShape: readonly number[],
  initialiser: Initialiser,
): Tensor {
  const w = b.weight(`${name}.weight`, weightShape, initialiser);
  const gain = b.weight(`${name}.norm.gain`, [outputs], ones);
  const bias = b.weight(`${name}.norm.bias`, [outputs], zeros);
  const mean = b.buffer(`${name}.norm.mean`, [outputs], zeros);
  const variance = b.buffer(`${name}.norm.variance`, [outputs], ones);
  if (b.training) {
    const { y, statistics } = batchNorm(apply(w, undefined), gain, bias);
    b.updateBuffer(`${name}.norm.mean`, statistics.mean);
    b.updateBuffer(`${name}.norm.variance`, statistics.variance);
    return y;
  }
  const factor = div(gain, sqrt(offset(variance, EPSILON)));
  const repeats = weightShape[1] / outputs;
  const columns = repeats === 1 ? factor : concat(Array<Tensor>(repeats).fill(factor), 0);
  return apply(mul(w, columns), sub(bias, mul(mean, factor)));
}

/**
 * LSTM along time with its memory in the stream's state: `[batch, time, …lanes, inputs] → [batch, time, …lanes, hidden]`.
 * Lanes (such as frequency bands) share the weights and keep a memory each.
 * @param memory steps, ≥ 3, that the longest memory lasts before training; 0 starts every bias like PyTorch. Default 0
 */
export function lstmLayer(b: ModelBuilder, name: string, x: Tensor, hidden: number, memory = 0): Tensor {
  const [batch, time, ...rest] = x.shape;
  const inputs = fixed(rest[rest.length - 1], `the input of ${name}`);
  const lanes = rest.slice(0, -1).reduce<number>((n, dim) => n * fixed(dim, `the lanes of ${name}`), 1);
  const rows = multiplyDims(batch, lanes);
  const timeMajor = transpose(reshape(x, [batch, time, lanes * inputs]), [1, 0, 2]);
  const stateShape = [lanes * hidden];
  const initial = {
    h: reshape(b.state(`${name}.h`, stateShape), [rows, hidden]),
    c: reshape(b.state(`${name}.c`, stateShape), [rows, hidden]),
  };
  const weights = {
    input: b.weight(`${name}.input`, [4 * hidden, inputs], byFanIn(hidden)),
    recurrent: b.weight(`${name}.recurrent`, [4 * hidden, hidden], byFanIn(hidden)),
    bias: b.weight(
      `${name}.bias`,
      [4 * hidden],
      memory === 0 ? byFanIn(hidden) : { kind: 'chrono', longest: memory },
    ),
  };
  const { sequence, h, c } = lstm(reshape(timeMajor, [time, rows, inputs]), weights, initial, b.lstmLayout);
  b.nextState(`${name}.h`, reshape(h, [batch, lanes * hidden]));
  b.nextState(`${name}.c`, reshape(c, [batch, lanes * hidden]));
  const batchMajor = transpose(reshape(sequence, [time, batch, lanes * hidden]), [1, 0, 2]);
  return reshape(batchMajor, [batch, time, ...rest.slice(0, -1), hidden]);
}

/**
 * Puts the last `length` steps of the stream before `x` along time: `[batch, time, …] → [batch, length + time, …]`, so that
 * causal operations see across chunks.
 */
export function withPast(b: ModelBuilder, name: string, x: Tensor, length: number): Tensor {
  const [batch, time, ...rest] = x.shape;
  const inner = rest.map((dim) => fixed(dim, `the state of ${name}`));
  const size = inner.reduce((n, dim) => n * dim, 1);
  const past = reshape(b.state(name, [length * size]), [batch, length, ...inner]);
  const joined = concat([past, x], 1);
  const total: Dim = addDims(time, length);
  b.nextState(name, reshape(slice(joined, 1, subtractDims(total, length), total), [batch, length * size]));
  return joined;
}
