/** A running mean along time that forgets, without a derivative: what normalises an input is not learnt through. */
import { fixed } from '../dim.js';
import { floats, int, strings, type Tensor } from '../graph.js';
import { add } from './elementwise.js';
import { matmul } from './linear.js';
import { reshape, slice, transpose } from './shape.js';

export interface RunningMean {
  /** `[rows, time]`: the mean after each step. */
  means: Tensor;
  /** `[rows, 1]`: the mean after the last step. */
  last: Tensor;
}

/**
 * First-order recursive mean: `y[t] = memory·y[t−1] + (1 − memory)·x[t]`.
 * @param x `[rows, time]`
 * @param before `[rows, 1]`, the mean before the first step
 * @param memory share of the old mean that stays, 0…1
 * @param layout `kernel` runs ONNX's recurrent operator over any number of steps; `matrix` multiplies with a triangle
 *   `[time, time]`, which is faster for the few hundred steps of a training example
 */
export function runningMean(
  x: Tensor,
  before: Tensor,
  memory: number,
  layout: 'kernel' | 'matrix',
): RunningMean {
  return x.graph.withoutRecording(() =>
    layout === 'kernel' ? kernelMean(x, before, memory) : matrixMean(x, before, memory),
  );
}

function matrixMean(x: Tensor, before: Tensor, memory: number): RunningMean {
  const g = x.graph;
  const time = fixed(x.shape[1], 'the time axis of a running mean written as a matrix');
  const triangle = g.table(`running mean ${time} ${memory}`, [time, time], () => {
    const values = new Float64Array(time * time);
    for (let from = 0; from < time; from++)
      for (let to = from; to < time; to++) values[from * time + to] = (1 - memory) * memory ** (to - from);
    return values;
  });
  const fading = g.table(`running mean fades ${time} ${memory}`, [1, time], () =>
    Float64Array.from({ length: time }, (_, t) => memory ** (t + 1)),
  );
  const means = add(matmul(x, triangle), matmul(before, fading));
  return { means, last: slice(means, 1, time - 1, time) };
}

/** ONNX's `RNN` with one unit and the identity as its activation is this very filter. */
function kernelMean(x: Tensor, before: Tensor, memory: number): RunningMean {
  const g = x.graph;
  const [rows, time] = x.shape;
  const [means, last] = g.emit(
    'RNN',
    [
      reshape(transpose(x, [1, 0]), [time, rows, 1]),
      g.full([1, 1, 1], 1 - memory),
      g.full([1, 1, 1], memory),
      null,
      null,
      reshape(before, [1, rows, 1]),
    ],
    [
      [time, 1, rows, 1],
      [1, rows, 1],
    ],
    {
      hidden_size: int(1),
      activations: strings(['Affine']),
      activation_alpha: floats([1]),
      activation_beta: floats([0]),
    },
  );
  return { means: transpose(reshape(means, [time, rows]), [1, 0]), last: reshape(last, [rows, 1]) };
}
