import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Graph } from '../../../src/graph/graph.js';
import {
  type ConvolutionOptions,
  conv1d,
  convTranspose1d,
  overlapAdd,
  unfold,
} from '../../../src/graph/ops/convolution.js';
import { checkGradients } from '../../support/gradient-check.js';
import { at, fromIndex, type NdArray, randomArray } from '../../support/nd-array.js';

/** The definition, loop by loop: y[n, o] = b[o] + Σ x[n·stride + tap·dilation − before, c] · w[tap, c, o]. */
function plainConvolution(options: ConvolutionOptions) {
  const { kernel, stride = 1, dilation = 1, groups = 1, padding = [0, 0] } = options;
  return (x: NdArray, w: NdArray, b?: NdArray): NdArray => {
    const [batch, time, channels] = x.dims;
    const [inputs, outputs] = [channels / groups, w.dims[1]];
    const span = (kernel - 1) * dilation + 1;
    const n = Math.floor((time + padding[0] + padding[1] - span) / stride) + 1;
    return fromIndex([batch, n, outputs], (i, t, o) => {
      const group = Math.floor(o / (outputs / groups));
      let total = b === undefined ? 0 : b.data[o];
      for (let tap = 0; tap < kernel; tap++) {
        const from = t * stride + tap * dilation - padding[0];
        if (from < 0 || from >= time) continue;
        for (let c = 0; c < inputs; c++)
          total += at(x, i, from, group * inputs + c) * at(w, tap * inputs + c, o);
      }
      return total;
    });
  };
}

interface Case extends ConvolutionOptions {
  time: number;
  inputs: number;
  outputs: number;
}

/** `inputs` and `outputs` are per group. */
function checkConvolution({ time, inputs, outputs, ...options }: Case): Promise<void> {
  const { kernel, groups = 1 } = options;
  return checkGradients({
    inputs: [
      randomArray([2, time, inputs * groups], 1),
      randomArray([kernel * inputs, outputs * groups], 2),
      randomArray([outputs * groups], 3),
    ],
    build: (x, w, b) => conv1d(x, w, b, options),
    reference: plainConvolution(options),
  });
}

describe('conv1d', () => {
  const cases: [string, Case][] = [
    ['pointwise', { kernel: 1, time: 4, inputs: 2, outputs: 3 }],
    ['plain', { kernel: 3, time: 7, inputs: 2, outputs: 3 }],
    ['causal', { kernel: 3, padding: [2, 0], time: 5, inputs: 2, outputs: 3 }],
    ['causal and dilated', { kernel: 3, dilation: 2, padding: [4, 0], time: 6, inputs: 2, outputs: 2 }],
    ['dilated and strided', { kernel: 2, dilation: 3, stride: 2, time: 10, inputs: 2, outputs: 2 }],
    ['kernel of two strides, unfolded', { kernel: 4, stride: 2, time: 10, inputs: 1, outputs: 4 }],
    ['kernel of two strides, shifted', { kernel: 4, stride: 2, time: 10, inputs: 3, outputs: 2 }],
    [
      'kernel of two strides, shifted, with a rest',
      { kernel: 8, stride: 4, time: 23, inputs: 2, outputs: 2 },
    ],
    [
      'kernel of two strides, unfolded, with a rest',
      { kernel: 8, stride: 4, time: 23, inputs: 1, outputs: 5 },
    ],
    ['kernel shorter than the stride', { kernel: 2, stride: 3, time: 9, inputs: 2, outputs: 2 }],
    ['kernel not a multiple of the stride', { kernel: 5, stride: 2, time: 11, inputs: 2, outputs: 2 }],
    ['one window', { kernel: 8, stride: 4, time: 8, inputs: 2, outputs: 2 }],
    ['grouped', { kernel: 3, groups: 2, padding: [1, 1], time: 5, inputs: 2, outputs: 2 }],
    [
      'depthwise, strided',
      { kernel: 4, stride: 2, groups: 3, padding: [1, 1], time: 8, inputs: 1, outputs: 1 },
    ],
  ];
  it.each(cases)('%s', (_, options) => checkConvolution(options));

  it('of any kernel, stride, dilation, groups and padding', async () => {
    const any = fc.record({
      kernel: fc.integer({ min: 1, max: 6 }),
      stride: fc.integer({ min: 1, max: 4 }),
      dilation: fc.integer({ min: 1, max: 3 }),
      groups: fc.integer({ min: 1, max: 2 }),
      padding: fc.tuple(fc.nat(3), fc.nat(3)),
      inputs: fc.integer({ min: 1, max: 2 }),
      outputs: fc.integer({ min: 1, max: 3 }),
      extra: fc.nat(7),
    });
    await fc.assert(
      fc.asyncProperty(any, ({ extra, ...options }) =>
        checkConvolution({ ...options, time: (options.kernel - 1) * options.dilation + 1 + extra }),
      ),
      { numRuns: 30, seed: 1 },
    );
  });

  it('without bias', () =>
    checkGradients({
      inputs: [randomArray([1, 6, 2], 1), randomArray([6, 2], 2)],
      build: (x, w) => conv1d(x, w, undefined, { kernel: 3 }),
      reference: plainConvolution({ kernel: 3 }),
    }));

  it('refuses a kernel longer than its input', () => {
    const g = new Graph();
    expect(() =>
      conv1d(g.input('x', [1, 4, 1]), g.input('w', [5, 1]), undefined, { kernel: 5, stride: 2 }),
    ).toThrow(/spans 5 does not fit into 4/);
  });
});

describe('convTranspose1d', () => {
  const plain = (kernel: number, stride: number) => (x: NdArray, w: NdArray, b?: NdArray) => {
    const [batch, n, channels] = x.dims;
    const outputs = w.dims[1] / kernel;
    const y = fromIndex([batch, (n - 1) * stride + kernel, outputs], (_i, _t, o) =>
      b === undefined ? 0 : b.data[o],
    );
    fromIndex([batch, n, channels, kernel, outputs], (i, t, c, tap, o) => {
      y.data[(i * y.dims[1] + t * stride + tap) * outputs + o] +=
        at(x, i, t, c) * at(w, c, tap * outputs + o);
      return 0;
    });
    return y;
  };
  const check = (kernel: number, stride: number, n: number, channels: number, outputs: number) =>
    checkGradients({
      inputs: [
        randomArray([2, n, channels], 4),
        randomArray([channels, kernel * outputs], 5),
        randomArray([outputs], 6),
      ],
      build: (x, w, b) => convTranspose1d(x, w, b, kernel, stride),
      reference: plain(kernel, stride),
    });

  it.each([
    ['kernel of two strides, few channels in', 4, 2, 5, 2, 3],
    ['kernel of two strides, many channels in', 4, 2, 5, 5, 1],
    ['kernel equal to the stride', 3, 3, 4, 2, 2],
    ['kernel not a multiple of the stride, few channels in', 5, 2, 4, 2, 2],
    ['kernel not a multiple of the stride, many channels in', 5, 3, 4, 7, 1],
    ['kernel shorter than the stride', 2, 3, 4, 2, 2],
    ['stride 1', 3, 1, 4, 3, 2],
    ['one input', 8, 4, 1, 3, 2],
  ])('%s', (_, kernel, stride, n, channels, outputs) => check(kernel, stride, n, channels, outputs));

  it('of any size', async () => {
    const small = (max: number) => fc.integer({ min: 1, max });
    await fc.assert(fc.asyncProperty(small(7), small(4), small(4), small(5), small(3), check), {
      numRuns: 25,
      seed: 2,
    });
  });

  it('without bias', () =>
    checkGradients({
      inputs: [randomArray([1, 3, 2], 4), randomArray([2, 8], 5)],
      build: (x, w) => convTranspose1d(x, w, undefined, 4, 2),
      reference: plain(4, 2),
    }));
});

describe('unfold and overlapAdd', () => {
  it('unfold lays the windows side by side, taps outermost', () =>
    checkGradients({
      inputs: [randomArray([2, 9, 2], 9)],
      build: (x) => unfold(x, 3, 2),
      reference: (x) => fromIndex([2, 4, 6], (i, n, k) => at(x, i, 2 * n + Math.floor(k / 2), k % 2)),
    }));

  it.each([1, 2, 4])('overlapAdd of windows of %d hops', (blocks) =>
    checkGradients({
      inputs: [randomArray([2, 5, 3 * blocks], 10)],
      build: (x) => overlapAdd(x, 3),
      reference: (x) =>
        fromIndex([2, (5 + blocks - 1) * 3], (i, t) => {
          let total = 0;
          for (let n = 0; n < 5; n++) if (t >= 3 * n && t < 3 * (n + blocks)) total += at(x, i, n, t - 3 * n);
          return total;
        }),
    }),
  );
});
