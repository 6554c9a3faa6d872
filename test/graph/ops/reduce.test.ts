import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Graph } from '../../../src/graph/graph.js';
import { mul } from '../../../src/graph/ops/elementwise.js';
import { mean, meanPool } from '../../../src/graph/ops/mean.js';
import { sum, sumTo } from '../../../src/graph/ops/reduce.js';
import { checkGradients } from '../../support/gradient-check.js';
import { at, fromIndex, type NdArray, randomArray } from '../../support/nd-array.js';

/** Sum over `axes`, which stay with size 1. */
function plainSum(x: NdArray, axes: readonly number[]): NdArray {
  const total = fromIndex(
    x.dims.map((dim, axis) => (axes.includes(axis) ? 1 : dim)),
    () => 0,
  );
  fromIndex(x.dims, (...index) => {
    let position = 0;
    total.dims.forEach((dim, axis) => {
      position = position * dim + (dim === 1 ? 0 : index[axis]);
    });
    total.data[position] += at(x, ...index);
    return 0;
  });
  return total;
}

const cases = fc
  .array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 })
  .chain((dims) => fc.tuple(fc.constant(dims), fc.subarray([...dims.keys()])));
const without = (dims: readonly number[], axes: readonly number[]): number[] =>
  dims.filter((_, axis) => !axes.includes(axis));

describe('sum and mean', () => {
  it('over any axes, kept or dropped', async () => {
    await fc.assert(
      fc.asyncProperty(cases, fc.boolean(), ([dims, axes], keep) =>
        checkGradients({
          inputs: [randomArray(dims, 1)],
          build: (x) => mul(sum(x, axes, keep), x.graph.scalar(1.5)),
          reference: (x) => {
            const total = plainSum(x, axes);
            return { dims: keep ? total.dims : without(dims, axes), data: total.data.map((v) => 1.5 * v) };
          },
        }),
      ),
      { numRuns: 25, seed: 1 },
    );
  });

  it('mean over all axes is a scalar', () =>
    checkGradients({
      inputs: [randomArray([2, 3, 4], 2)],
      build: (x) => mean(x),
      reference: (x) => ({ dims: [], data: Float64Array.of(x.data.reduce((a, b) => a + b) / 24) }),
    }));

  it('mean over one axis', () =>
    checkGradients({
      inputs: [randomArray([2, 3, 4], 3)],
      build: (x) => mean(x, [1], true),
      reference: (x) => ({ dims: [2, 1, 4], data: plainSum(x, [1]).data.map((v) => v / 3) }),
    }));

  it('meanPool over groups of neighbours', () =>
    checkGradients({
      inputs: [randomArray([2, 12], 4)],
      build: (x) => meanPool(x, 4),
      reference: (x) =>
        fromIndex(
          [2, 3],
          (i, j) => (at(x, i, 4 * j) + at(x, i, 4 * j + 1) + at(x, i, 4 * j + 2) + at(x, i, 4 * j + 3)) / 4,
        ),
    }));

  it('refuses groups that do not divide', () => {
    expect(() => meanPool(new Graph().input('x', [2, 10]), 4)).toThrow(/not a multiple of 4/);
  });
});

describe('sumTo', () => {
  it('undoes any broadcast', async () => {
    await fc.assert(
      fc.asyncProperty(cases, fc.boolean(), ([dims, axes], drop) => {
        const kept = dims.map((dim, axis) => (axes.includes(axis) ? 1 : dim));
        const leading = drop ? kept.findIndex((dim) => dim !== 1) : 0;
        const shape = kept.slice(leading < 0 ? kept.length : leading);
        return checkGradients({
          inputs: [randomArray(dims, 5)],
          build: (x) => mul(sumTo(x, shape), x.graph.full(shape, 1)),
          reference: (x) => ({ dims: shape, data: plainSum(x, axes).data }),
        });
      }),
      { numRuns: 25, seed: 2 },
    );
  });
});
