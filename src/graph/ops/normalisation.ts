/** Layer and batch normalisation over the last axis. */
import { fixed, sizeOf } from '../dim.js';
import { float, int, type Tensor } from '../graph.js';
import { add, mul, offset, scale, sqrt, square, sub } from './elementwise.js';
import { linear } from './linear.js';
import { sumTo } from './reduce.js';
import { reshape } from './shape.js';

/** Added to variances. PyTorch's default. */
export const EPSILON = 1e-5;

/** Layer normalisation over the last axis (Ba et al. 2016): `[…, c]`, `gain` and `bias` `[c]`. */
export function layerNorm(x: Tensor, gain: Tensor, bias: Tensor): Tensor {
  const g = x.graph;
  const c = fixed(x.shape[x.shape.length - 1], 'the normalised axis');
  const rows = sizeOf(x.shape.slice(0, -1));
  const flat = reshape(x, [rows, c]);
  // Row means as products with a column of 1/c: several times faster than ReduceMean over a short last axis.
  const average = (t: Tensor): Tensor => linear(t, g.full([c, 1], 1 / c));
  const { y, mean, inverse } =
    g.float === 'float32'
      ? fusedLayerNorm(flat, gain, bias)
      : g.withoutRecording(() => plainLayerNorm(flat, gain, bias, average));
  g.record([flat, gain, bias], [y], ([d], need) => {
    const normalised = mul(sub(flat, mean), inverse);
    const dGain = need[1] ? sumTo(mul(d!, normalised), gain.shape) : null;
    const dBias = need[2] ? sumTo(d!, bias.shape) : null;
    if (!need[0]) return [null, dGain, dBias];
    const dn = mul(d!, gain);
    const centred = sub(sub(dn, average(dn)), mul(normalised, average(mul(dn, normalised))));
    return [mul(centred, inverse), dGain, dBias];
  });
  return reshape(y, x.shape);
}

/** Output, mean and reciprocal deviation of every row. */
interface LayerNorm {
  y: Tensor;
  mean: Tensor;
  inverse: Tensor;
}

function fusedLayerNorm(flat: Tensor, gain: Tensor, bias: Tensor): LayerNorm {
  const column = [flat.shape[0], 1];
  const [y, mean, inverse] = flat.graph.emit(
    'LayerNormalization',
    [flat, gain, bias],
    [flat.shape, column, column],
    { axis: int(-1), epsilon: float(EPSILON) },
  );
  return { y, mean, inverse };
}

/** For double precision: the operator gives its statistics in single precision whatever its input. */
function plainLayerNorm(flat: Tensor, gain: Tensor, bias: Tensor, average: (t: Tensor) => Tensor): LayerNorm {
  const mean = average(flat);
  const centred = sub(flat, mean);
  const deviation = sqrt(offset(average(square(centred)), EPSILON));
  const inverse = flat.graph.emit1('Reciprocal', [deviation], deviation.shape);
  return { y: add(mul(mul(centred, inverse), gain), bias), mean, inverse };
}

export interface BatchStatistics {
  /** `[c]` */
  mean: Tensor;
  /** Biased variance `[c]` */
  variance: Tensor;
}

/**
 * Batch normalisation over all but the last axis with the statistics of this very batch (Ioffe & Szegedy 2015); the
 * statistics are given back for the running averages. `[…, c]`, `gain` and `bias` `[c]`.
 */
export function batchNorm(x: Tensor, gain: Tensor, bias: Tensor): { y: Tensor; statistics: BatchStatistics } {
  const g = x.graph;
  const c = fixed(x.shape[x.shape.length - 1], 'the normalised axis');
  const rows = fixed(sizeOf(x.shape.slice(0, -1)), 'what a batch normalisation averages over');
  const flat = reshape(x, [rows, c]);
  const { y, normalised, inverse, statistics } = g.withoutRecording(() => {
    const mean = scale(sumTo(flat, [c]), 1 / rows);
    const centred = sub(flat, mean);
    const variance = scale(sumTo(square(centred), [c]), 1 / rows);
    const inverse = g.emit1('Reciprocal', [sqrt(offset(variance, EPSILON))], [c]);
    const normalised = mul(centred, inverse);
    return { y: add(mul(normalised, gain), bias), normalised, inverse, statistics: { mean, variance } };
  });
  g.record([flat, gain, bias], [y], ([d], need) => {
    const dBias = sumTo(d!, [c]);
    const dGain = sumTo(mul(d!, normalised), [c]);
    if (!need[0]) return [null, dGain, dBias];
    const centred = sub(sub(d!, scale(dBias, 1 / rows)), mul(normalised, scale(dGain, 1 / rows)));
    return [mul(centred, mul(gain, inverse)), dGain, dBias];
  });
  return { y: reshape(y, x.shape), statistics };
}
