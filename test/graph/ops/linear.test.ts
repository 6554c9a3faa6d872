import { describe, expect, it } from 'vitest';
import { Graph } from '../../../src/graph/graph.js';
import { embed, gatedLinear, linear, matmul, mixAxis } from '../../../src/graph/ops/linear.js';
import { checkGradients } from '../../support/gradient-check.js';
import { array, at, fromIndex, type NdArray, randomArray } from '../../support/nd-array.js';

const transposed = (x: NdArray): NdArray => fromIndex([x.dims[1], x.dims[0]], (i, j) => at(x, j, i));

/** Product over the last axis of `x` and the first of `w`, plus a bias. */
function product(x: NdArray, w: NdArray, b?: NdArray): NdArray {
  return fromIndex([...x.dims.slice(0, -1), w.dims[1]], (...index) => {
    const column = index[index.length - 1];
    let total = b === undefined ? 0 : b.data[column];
    for (let k = 0; k < w.dims[0]; k++) total += at(x, ...index.slice(0, -1), k) * at(w, k, column);
    return total;
  });
}

describe('matmul', () => {
  const flags = [false, true];
  const cases = flags.flatMap((a) => flags.map((b): [boolean, boolean] => [a, b]));
  it.each(cases)('transposed: %s, %s', async (transposeA, transposeB) => {
    const a = randomArray(transposeA ? [3, 2] : [2, 3], 1);
    const b = randomArray(transposeB ? [4, 3] : [3, 4], 2);
    await checkGradients({
      inputs: [a, b],
      build: (x, y) => matmul(x, y, transposeA, transposeB),
      reference: (x, y) => product(transposeA ? transposed(x) : x, transposeB ? transposed(y) : y),
    });
    // The gradient of one operand alone: a weight of a frozen input, or an input of a frozen weight.
    for (const constant of [0, 1])
      await checkGradients({
        inputs: [a, b],
        build: (x, y) => matmul(x, y, transposeA, transposeB),
        constants: [constant],
      });
  });

  it('refuses matrices that do not meet', () => {
    const g = new Graph();
    expect(() => matmul(g.input('a', [2, 3]), g.input('b', [2, 3]))).toThrow(/\[2, 3\] and \[2, 3\]/);
    expect(() => matmul(g.input('c', [2, 3, 4]), g.input('d', [4, 3]))).toThrow(/does not exist/);
  });
});

describe('linear', () => {
  it.each([[[3]], [[2, 3]], [[2, 4, 3]], [[2, 1, 2, 3]]])('over the last axis of %j', (dims: number[]) =>
    checkGradients({
      inputs: [randomArray(dims, 3), randomArray([3, 5], 4), randomArray([5], 5)],
      build: linear,
      reference: product,
    }),
  );

  it('without bias', () =>
    checkGradients({
      inputs: [randomArray([2, 3], 3), randomArray([3, 5], 4)],
      build: (x, w) => linear(x, w),
      reference: (x, w) => product(x, w),
    }));

  it('to and from one channel', async () => {
    await checkGradients({
      inputs: [randomArray([4, 3], 3), randomArray([3, 1], 4), randomArray([1], 5)],
      build: linear,
      reference: product,
    });
    await checkGradients({
      inputs: [randomArray([4, 1], 3), randomArray([1, 3], 4), randomArray([3], 5)],
      build: linear,
      reference: product,
    });
  });

  it('gatedLinear', () =>
    checkGradients({
      inputs: [randomArray([2, 4, 3], 6), randomArray([3, 10], 7), randomArray([10], 8)],
      build: gatedLinear,
      reference: (x, w, b) => {
        const both = product(x, w, b);
        return fromIndex([2, 4, 5], (i, j, k) => at(both, i, j, k) / (1 + Math.exp(-at(both, i, j, k + 5))));
      },
    }));

  it('mixAxis along the second-to-last axis', async () => {
    const inputs = [randomArray([2, 4, 3], 9), randomArray([5, 4], 10)];
    await checkGradients({
      inputs,
      build: mixAxis,
      reference: (x, w) =>
        fromIndex([2, 5, 3], (n, m, c) =>
          [0, 1, 2, 3].reduce((total, k) => total + at(w, m, k) * at(x, n, k, c), 0),
        ),
    });
    await checkGradients({ inputs, build: mixAxis, constants: [0] });
    await checkGradients({ inputs, build: mixAxis, constants: [1] });
  });

  it('embed picks rows of a table', () =>
    checkGradients({
      inputs: [array([3, 4], [0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 1, 0]), randomArray([4, 2], 11)],
      build: embed,
      constants: [0],
      reference: (_, table) => fromIndex([3, 2], (i, c) => at(table, [2, 0, 2][i], c)),
    }));
});
