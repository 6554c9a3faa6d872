/** Sums and means over axes. */
import { divideDim, fixed, type Shape, sameDim, sizeOf } from '../dim.js';
import { int, type Tensor } from '../graph.js';
import { scale } from './elementwise.js';
import { matmul } from './linear.js';
import { broadcastTo, reshape } from './shape.js';

/** Sum over `axes` (default: all of them, giving a scalar `[]`). `keep` leaves them in place with size 1. */
export function sum(x: Tensor, axes: readonly number[] = x.shape.map((_, i) => i), keep = false): Tensor {
  if (axes.length === 0) return x;
  const kept = x.shape.map((dim, axis) => (axes.includes(axis) ? 1 : dim));
  const shape = keep ? kept : x.shape.filter((_, axis) => !axes.includes(axis));
  const g = x.graph;
  const y = g.emit1('ReduceSum', [x, g.ints(axes)], shape, { keepdims: int(keep ? 1 : 0) });
  g.record([x], [y], ([d]) => [broadcastTo(reshape(d!, kept), x.shape)]);
  return y;
}

/** Mean over `axes` (default: all of them, giving a scalar `[]`); their sizes must be fixed. */
export function mean(x: Tensor, axes: readonly number[] = x.shape.map((_, i) => i), keep = false): Tensor {
  const count = fixed(sizeOf(axes.map((axis) => x.shape[axis])), 'what a mean is taken over');
  return scale(sum(x, axes, keep), 1 / count);
}

/**
 * Undoes a broadcast: sums `x` over the axes that `shape` lacks or has with size 1. Sums over rows go through a product
 * with a row of ones, which was 3–10× faster than `ReduceSum` over the first axis on the CPU.
 */
export function sumTo(x: Tensor, shape: Shape): Tensor {
  const lead = x.shape.length - shape.length;
  const axes = x.shape
    .map((_, axis) => axis)
    .filter((axis) => axis < lead || (shape[axis - lead] === 1 && !sameDim(x.shape[axis], 1)));
  if (axes.length === 0) return reshape(x, shape);
  const columns = sizeOf(x.shape.slice(axes.length));
  const leadingOnly = axes.every((axis, i) => axis === i);
  const rows = sizeOf(x.shape.slice(0, axes.length));
  if (leadingOnly && typeof rows === 'number' && typeof columns === 'number' && columns > 1) {
    const total = matmul(x.graph.full([1, rows], 1), reshape(x, [rows, columns]));
    return reshape(total, shape);
  }
  return reshape(sum(x, axes), shape);
}

/** Means over groups of `size` neighbours along the last axis: `[…, n·size] → […, n]`. */
export function meanPool(x: Tensor, size: number): Tensor {
  const last = x.shape.length - 1;
  const grouped = reshape(x, [...x.shape.slice(0, last), divideDim(x.shape[last], size), size]);
  return mean(grouped, [last + 1]);
}
