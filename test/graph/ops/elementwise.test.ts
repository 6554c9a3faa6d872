import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Graph, type Tensor } from '../../../src/graph/graph.js';
import {
  abs,
  add,
  atLeast,
  div,
  exp,
  gelu,
  lecunTanh,
  log,
  mul,
  neg,
  offset,
  pow,
  prelu,
  relu,
  scale,
  sigmoid,
  silu,
  softplus,
  sqrt,
  square,
  sub,
  tanh,
} from '../../../src/graph/ops/elementwise.js';
import { sum } from '../../../src/graph/ops/reduce.js';
import { checkGradients, expectClose } from '../../support/gradient-check.js';
import {
  array,
  at,
  awayFromZero,
  fromIndex,
  map,
  type NdArray,
  randomArray,
} from '../../support/nd-array.js';
import { evaluate } from '../../support/run-graph.js';

const logistic = (x: number): number => 1 / (1 + Math.exp(-x));

describe('operations on two tensors', () => {
  const operations: Record<string, [(a: Tensor, b: Tensor) => Tensor, (a: number, b: number) => number]> = {
    add: [add, (a, b) => a + b],
    sub: [sub, (a, b) => a - b],
    mul: [mul, (a, b) => a * b],
    div: [div, (a, b) => a / b],
  };
  const shapes: [number[], number[]][] = [
    [
      [2, 3],
      [2, 3],
    ],
    [[2, 3, 4], [4]],
    [[4], [2, 3, 4]],
    [
      [2, 3, 4],
      [3, 1],
    ],
    [
      [2, 1, 4],
      [2, 3, 1],
    ],
    [
      [1, 3],
      [2, 1],
    ],
    [[2, 3], []],
    [[], [3]],
    [[1], [2, 2]],
  ];
  for (const [name, [build, plain]] of Object.entries(operations)) {
    it.each(shapes)(`${name} of %j and %j`, async (a, b) => {
      await checkGradients({
        inputs: [randomArray(a, 1), awayFromZero(b, 2, 0.3)],
        build,
        reference: (x, y) => broadcast(x, y, plain),
      });
    });
  }

  it('broadcasts any pair of shapes that NumPy would', async () => {
    const dims = fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(
        dims,
        fc.array(fc.boolean(), { minLength: 3, maxLength: 3 }),
        fc.nat(2),
        async (full, ones, drop) => {
          const a = full.map((dim, i) => (ones[i] ? 1 : dim));
          const b = full.slice(Math.min(drop, full.length - 1));
          await checkGradients({
            inputs: [randomArray(a, 3), randomArray(b, 4)],
            build: mul,
            reference: (x, y) => broadcast(x, y, (p, q) => p * q),
          });
        },
      ),
      { numRuns: 25, seed: 1 },
    );
  });

  it('differentiates a tensor that is both operands', async () => {
    await checkGradients({
      inputs: [randomArray([3], 1)],
      build: (x) => mul(x, x),
      reference: (x) => map(x, (v) => v * v),
    });
    await checkGradients({
      inputs: [randomArray([3], 1)],
      build: (x) => add(mul(x, x), div(x, offset(square(x), 1))),
    });
  });

  it('refuses shapes that do not meet', () => {
    const g = new Graph();
    expect(() => add(g.input('a', [3]), g.input('b', [4]))).toThrow(/\[3\].*\[4\]/);
    expect(() => mul(g.input('c', [2, 3]), g.input('d', [2, 4]))).toThrow(/shape|broadcast/i);
  });
});

/** Element by element, with axes of size 1 and missing leading axes repeated. */
function broadcast(a: NdArray, b: NdArray, f: (x: number, y: number) => number): NdArray {
  const rank = Math.max(a.dims.length, b.dims.length);
  const padded = (dims: readonly number[]) => [...Array<number>(rank - dims.length).fill(1), ...dims];
  const dims = padded(a.dims).map((dim, i) => Math.max(dim, padded(b.dims)[i]));
  return fromIndex(dims, (...index) => f(at(a, ...index), at(b, ...index)));
}

describe('operations on one tensor', () => {
  const any = awayFromZero([2, 5], 7);
  const positive = randomArray([2, 5], 8, 0.2, 2);
  const operations: [string, (x: Tensor) => Tensor, (x: number) => number, NdArray][] = [
    ['neg', neg, (x) => -x, any],
    ['scale', (x) => scale(x, -2.5), (x) => -2.5 * x, any],
    ['offset', (x) => offset(x, 0.3), (x) => x + 0.3, any],
    ['square', square, (x) => x * x, any],
    ['abs', abs, Math.abs, any],
    ['exp', exp, Math.exp, any],
    ['log', log, Math.log, positive],
    ['sqrt', sqrt, Math.sqrt, positive],
    ['pow 0.3', (x) => pow(x, 0.3), (x) => x ** 0.3, positive],
    ['pow −1.5', (x) => pow(x, -1.5), (x) => x ** -1.5, positive],
    ['pow 3', (x) => pow(x, 3), (x) => x ** 3, positive],
    ['sigmoid', sigmoid, logistic, map(any, (x) => 4 * x)],
    ['tanh', tanh, Math.tanh, map(any, (x) => 2 * x)],
    ['relu', relu, (x) => Math.max(x, 0), any],
    ['atLeast', (x) => atLeast(x, 0.9), (x) => Math.max(x, 0.9), positive],
    ['silu', silu, (x) => x * logistic(x), map(any, (x) => 4 * x)],
    ['softplus', softplus, (x) => Math.log(1 + Math.exp(x)), map(any, (x) => 4 * x)],
    ['lecunTanh', lecunTanh, (x) => 1.7159 * Math.tanh(0.666 * x), any],
  ];
  it.each(operations)('%s', async (_, build, plain, x) => {
    await checkGradients({ inputs: [x], build, reference: (a) => map(a, plain) });
  });

  it.each(operations)('%s in single precision', async (_, build, plain, x) => {
    await checkGradients({ inputs: [x], build, reference: (a) => map(a, plain), float: 'float32' });
  });

  it('gelu', async () => {
    // The runtime has the error function in single precision only.
    await checkGradients({
      inputs: [map(any, (x) => 2 * x)],
      build: gelu,
      reference: (a) => map(a, (x) => (x / 2) * (1 + errorFunction(x / Math.SQRT2))),
      float: 'float32',
    });
  });

  it('softplus stays finite where eˣ overflows', async () => {
    const x = array([4], [-1000, -100, 100, 1000]);
    const [y] = await evaluate(new Graph(), [x], (t) => [softplus(t)]);
    expectClose(y, array([4], [0, 0, 100, 1000]), 1e-7);
  });

  it('relu gives gradient 0 at 0', async () => {
    const g = new Graph();
    const [d] = await evaluate(g, [array([3], [-1, 0, 2])], (x) => [g.gradients(sum(relu(x)), [x])[0]!]);
    expect([...d.data]).toEqual([0, 0, 1]);
  });

  it('prelu over the last axis', async () => {
    await checkGradients({
      inputs: [awayFromZero([2, 3, 4], 11), randomArray([4], 12, -0.5, 1.5)],
      build: prelu,
      reference: (x, slope) =>
        fromIndex(x.dims, (...index) => {
          const v = at(x, ...index);
          return v > 0 ? v : v * at(slope, index[2]);
        }),
    });
  });

  it('prelu in single precision, whose mask is another kernel', async () => {
    await checkGradients({
      inputs: [awayFromZero([6, 4], 11, 0.2), randomArray([4], 12, -0.5, 1.5)],
      build: prelu,
      float: 'float32',
    });
  });
});

/** ∫ by Simpson's rule: slow, and independent of the polynomial that runtimes use. */
function errorFunction(x: number): number {
  const steps = 2000;
  const h = x / steps;
  let total = 1 + Math.exp(-x * x);
  for (let i = 1; i < steps; i++) total += (i % 2 === 1 ? 4 : 2) * Math.exp(-((i * h) ** 2));
  return (2 / Math.sqrt(Math.PI)) * (h / 3) * total;
}
