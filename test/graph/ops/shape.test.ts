import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Graph } from '../../../src/graph/graph.js';
import { mul } from '../../../src/graph/ops/elementwise.js';
import { broadcastTo, sum } from '../../../src/graph/ops/reduce.js';
import {
  concat,
  pad,
  reshape,
  reverse,
  slice,
  split,
  stridedSlice,
  transpose,
} from '../../../src/graph/ops/shape.js';
import { checkGradients } from '../../support/gradient-check.js';
import { array, at, fromIndex, type NdArray, randomArray } from '../../support/nd-array.js';

const x234 = randomArray([2, 3, 4], 1);
const cut = (x: NdArray, axis: number, start: number, end: number, step = 1): NdArray =>
  fromIndex(x.dims.with(axis, Math.ceil((end - start) / step)), (...index) =>
    at(x, ...index.with(axis, start + step * index[axis])),
  );
const shapes = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 });

describe('reshape', () => {
  it('keeps the order of elements', () =>
    checkGradients({
      inputs: [x234],
      build: (x) => reshape(x, [4, 1, 6]),
      reference: (x) => array([4, 1, 6], x.data),
    }));

  it('is nothing when the shape is the same', () => {
    const x = new Graph().input('x', [2, 3]);
    expect(reshape(x, [2, 3])).toBe(x);
  });

  it('refuses a shape of another size', () => {
    expect(() => reshape(new Graph().input('x', [2, 3]), [4, 2])).toThrow(/\[2, 3\] does not fill \[4, 2\]/);
  });
});

describe('transpose', () => {
  it('by any permutation', async () => {
    const cases = shapes.chain((dims) =>
      fc.tuple(fc.constant(dims), fc.shuffledSubarray([...dims.keys()], { minLength: dims.length })),
    );
    await fc.assert(
      fc.asyncProperty(cases, ([dims, permutation]) =>
        checkGradients({
          inputs: [randomArray(dims, 2)],
          build: (x) => transpose(x, permutation),
          reference: (x) =>
            fromIndex(
              permutation.map((axis) => dims[axis]),
              (...index) => at({ ...x, dims }, ...dims.map((_, axis) => index[permutation.indexOf(axis)])),
            ),
        }),
      ),
      { numRuns: 20, seed: 2 },
    );
  });
});

describe('slice and pad', () => {
  it('slice any range of any axis', async () => {
    const cases = shapes.chain((dims) =>
      fc
        .nat(dims.length - 1)
        .chain((axis) =>
          fc.tuple(
            fc.constant(dims),
            fc.constant(axis),
            fc.nat(dims[axis] - 1),
            fc.integer({ min: 1, max: 4 }),
          ),
        ),
    );
    await fc.assert(
      fc.asyncProperty(cases, ([dims, axis, start, length]) => {
        const end = Math.min(dims[axis], start + length);
        return checkGradients({
          inputs: [randomArray(dims, 3)],
          build: (x) => slice(x, axis, start, end),
          reference: (x) => cut(x, axis, start, end),
        });
      }),
      { numRuns: 20, seed: 3 },
    );
  });

  it('pad with zeros on either side of any axis', async () => {
    const cases = shapes.chain((dims) =>
      fc.tuple(fc.constant(dims), fc.nat(dims.length - 1), fc.nat(3), fc.nat(3)),
    );
    await fc.assert(
      fc.asyncProperty(cases, ([dims, axis, before, after]) =>
        checkGradients({
          inputs: [randomArray(dims, 4)],
          build: (x) => pad(x, axis, before, after),
          reference: (x) =>
            fromIndex(dims.with(axis, dims[axis] + before + after), (...index) => {
              const i = index[axis] - before;
              return i >= 0 && i < dims[axis] ? at(x, ...index.with(axis, i)) : 0;
            }),
        }),
      ),
      { numRuns: 20, seed: 4 },
    );
  });

  it('strided slices, also those that leave a rest at the end', async () => {
    const cases = fc.record({
      start: fc.nat(4),
      step: fc.integer({ min: 1, max: 5 }),
      count: fc.integer({ min: 1, max: 4 }),
      rest: fc.nat(6),
      axis: fc.nat(2),
    });
    await fc.assert(
      fc.asyncProperty(cases, ({ start, step, count, rest, axis }) => {
        const end = start + (count - 1) * step + 1;
        return checkGradients({
          inputs: [randomArray([2, 2, 2].with(axis, end + rest), 5)],
          build: (x) => stridedSlice(x, axis, start, step, count),
          reference: (x) => cut(x, axis, start, end, step),
        });
      }),
      { numRuns: 30, seed: 5 },
    );
  });

  it('reverse', () =>
    checkGradients({
      inputs: [x234],
      build: (x) => reverse(x, 1),
      reference: (x) => fromIndex(x.dims, (i, j, k) => at(x, i, 2 - j, k)),
    }));
});

describe('concat and split', () => {
  const limits = [Number.POSITIVE_INFINITY, 3, 2];

  it.each(limits)('concat of nine parts, at most %d at a time', (maxFanOut) => {
    const sizes = [1, 2, 1, 3, 1, 1, 2, 1, 1];
    const inputs = sizes.map((size, i) => randomArray([2, size], i));
    return checkGradients({
      inputs,
      graph: { maxFanOut },
      build: (...parts) => concat(parts, 1),
      reference: (...parts) =>
        fromIndex([2, 13], (row, column) => {
          const starts = sizes.map((_, i) => sizes.slice(0, i).reduce((a, b) => a + b, 0));
          const part = starts.findLastIndex((start) => start <= column);
          return at(parts[part], row, column - starts[part]);
        }),
    });
  });

  it.each(limits)('split into eleven parts, at most %d at a time', (maxFanOut) => {
    const sizes = [1, 2, 1, 1, 3, 1, 1, 2, 1, 1, 1];
    const starts = sizes.map((_, i) => sizes.slice(0, i).reduce((a, b) => a + b, 0));
    return checkGradients({
      inputs: [randomArray([2, 15], 6)],
      graph: { maxFanOut },
      build: (x) => split(x, sizes, 1),
      reference: (x) => sizes.map((size, i) => cut(x, 1, starts[i], starts[i] + size)),
    });
  });

  it('keeps every node within the limit, sums of gradients too', () => {
    const g = new Graph({ maxFanOut: 3 });
    const x = g.input('x', [20]);
    const parts = split(x, Array<number>(20).fill(1), 0);
    const uses = parts.map((part) => mul(part, x));
    const [d] = g.gradients(sum(concat(uses, 0)), [x]);
    g.output('d', d!);
    for (const { op, inputs, outputs } of g.nodes) {
      if (op === 'Concat' || op === 'Sum') expect(inputs.length).toBeLessThanOrEqual(3);
      if (op === 'Split') expect(outputs.length).toBeLessThanOrEqual(3);
    }
  });

  it('gives zeros for the parts of a split that nothing uses', () =>
    checkGradients({
      inputs: [randomArray([2, 6], 7)],
      build: (x) => split(x, [1, 3, 2], 1)[1],
      reference: (x) => cut(x, 1, 1, 4),
    }));

  it('adds up what flows back into a tensor used many times', () =>
    checkGradients({
      inputs: [randomArray([2, 2], 8)],
      build: (x) => concat([x, mul(x, x), x, transpose(x, [1, 0])], 0),
    }));

  it('refuses parts that do not fit', () => {
    const g = new Graph();
    expect(() => concat([g.input('a', [2, 3]), g.input('b', [3, 3])], 1)).toThrow(/\[3, 3\].*axis 1/);
  });
});

describe('broadcastTo', () => {
  it.each([
    [[3], [2, 3]],
    [
      [2, 1, 4],
      [2, 3, 4],
    ],
    [[1], [2, 2]],
    [[], [3]],
    [
      [2, 3, 4],
      [2, 3, 4],
    ],
  ])('%j to %j', (from: number[], to: number[]) =>
    checkGradients({
      inputs: [randomArray(from, 9)],
      build: (x) => mul(broadcastTo(x, to), x.graph.full(to, 2)),
      reference: (x) => fromIndex(to, (...index) => 2 * at(x, ...index)),
    }),
  );
});
