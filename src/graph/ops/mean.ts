/** Means over axes and over groups of neighbours. */
import { divideDim, fixed, sizeOf } from '../dim.js';
import type { Tensor } from '../graph.js';
import { scale } from './elementwise.js';
import { sum } from './reduce.js';
import { reshape } from './shape.js';

/** Mean over `axes` (default: all of them, giving a scalar `[]`); their sizes must be fixed. */
export function mean(x: Tensor, axes: readonly number[] = x.shape.map((_, i) => i), keep = false): Tensor {
  const count = fixed(sizeOf(axes.map((axis) => x.shape[axis])), 'what a mean is taken over');
  return scale(sum(x, axes, keep), 1 / count);
}

/** Means over groups of `size` neighbours along the last axis: `[…, n·size] → […, n]`. */
export function meanPool(x: Tensor, size: number): Tensor {
  const last = x.shape.length - 1;
  const grouped = reshape(x, [...x.shape.slice(0, last), divideDim(x.shape[last], size), size]);
  return mean(grouped, [last + 1]);
}
