import { describe, expect, it } from 'vitest';
import { Graph, type Tensor } from '../../../src/graph/graph.js';
import { add, mul } from '../../../src/graph/ops/elementwise.js';
import { type LstmLayout, lstm } from '../../../src/graph/ops/lstm.js';
import { sum } from '../../../src/graph/ops/reduce.js';
import { checkGradients, expectClose } from '../../support/gradient-check.js';
import { at, fromIndex, type NdArray, randomArray } from '../../support/nd-array.js';
import { evaluate } from '../../support/run-graph.js';

const logistic = (x: number): number => 1 / (1 + Math.exp(-x));

/** The recurrence as in the paper, gates in the order input, output, forget, cell: `[sequence, h, c]`. */
function plainLstm(x: NdArray, wi: NdArray, wr: NdArray, b: NdArray, h0: NdArray, c0: NdArray): NdArray[] {
  const [time, batch, inputs] = x.dims;
  const hidden = wr.dims[1];
  let [h, c] = [h0, c0];
  const sequence: number[] = [];
  for (let t = 0; t < time; t++) {
    const [before, cell] = [h, c];
    const gate = (n: number, k: number, j: number): number => {
      const row = k * hidden + j;
      let total = b.data[row];
      for (let i = 0; i < inputs; i++) total += at(wi, row, i) * at(x, t, n, i);
      for (let i = 0; i < hidden; i++) total += at(wr, row, i) * at(before, n, i);
      return total;
    };
    c = fromIndex(
      [batch, hidden],
      (n, j) => logistic(gate(n, 2, j)) * at(cell, n, j) + logistic(gate(n, 0, j)) * Math.tanh(gate(n, 3, j)),
    );
    const cellNow = c;
    h = fromIndex([batch, hidden], (n, j) => logistic(gate(n, 1, j)) * Math.tanh(at(cellNow, n, j)));
    sequence.push(...h.data);
  }
  return [{ dims: [time, batch, hidden], data: Float64Array.from(sequence) }, h, c];
}

const HIDDEN = 3;
const INPUTS = 2;
const inputsFor = (time: number, batch = 2): NdArray[] => [
  randomArray([time, batch, INPUTS], 1),
  randomArray([4 * HIDDEN, INPUTS], 2),
  randomArray([4 * HIDDEN, HIDDEN], 3),
  randomArray([4 * HIDDEN], 4),
  randomArray([batch, HIDDEN], 5),
  randomArray([batch, HIDDEN], 6),
];
const build =
  (layout: LstmLayout) => (x: Tensor, input: Tensor, recurrent: Tensor, bias: Tensor, h: Tensor, c: Tensor) =>
    lstm(x, { input, recurrent, bias }, { h, c }, layout);

const trainable: LstmLayout[] = ['scan', 'unroll'];
/** The initial state takes no gradient: back-propagation through time is cut there. */
const STATE = [4, 5];

describe.each(trainable)('lstm with the layout %s', (layout) => {
  it.each([1, 2, 5])('over %d steps: sequence, last output and last cell', (time) =>
    checkGradients({
      inputs: inputsFor(time),
      constants: STATE,
      build: (...tensors) => {
        const { sequence, h, c } = build(layout)(...(tensors as Parameters<ReturnType<typeof build>>));
        return [sequence, h, c];
      },
      reference: (...values) => plainLstm(...(values as Parameters<typeof plainLstm>)),
    }),
  );

  const single = ['sequence', 'h', 'c'] as const;
  it.each(single)('when only %s is used', (name) =>
    checkGradients({
      inputs: inputsFor(3),
      constants: STATE,
      build: (...tensors) => build(layout)(...(tensors as Parameters<ReturnType<typeof build>>))[name],
    }),
  );

  it('two in a row', () =>
    checkGradients({
      inputs: [...inputsFor(3), randomArray([4 * HIDDEN, HIDDEN], 7)],
      constants: STATE,
      build: (x, input, recurrent, bias, h, c, deeper) => {
        const first = lstm(x, { input, recurrent, bias }, { h, c }, layout);
        return lstm(first.sequence, { input: deeper, recurrent, bias }, { h: c, c: h }, layout).sequence;
      },
    }));

  it('with WebGPU’s limit on fan-out', () =>
    checkGradients({
      inputs: inputsFor(5),
      constants: STATE,
      graph: { maxFanOut: 4 },
      build: (...tensors) => build(layout)(...(tensors as Parameters<ReturnType<typeof build>>)).sequence,
      reference: (...values) => plainLstm(...(values as Parameters<typeof plainLstm>))[0],
    }));
});

describe('layouts', () => {
  it('all give the same numbers going forward', async () => {
    const inputs = inputsFor(6, 3);
    const expected = plainLstm(...(inputs as Parameters<typeof plainLstm>));
    for (const layout of ['kernel', 'scan', 'unroll'] as const) {
      const results = await evaluate(new Graph(), inputs, (...tensors) => {
        const { sequence, h, c } = build(layout)(...(tensors as Parameters<ReturnType<typeof build>>));
        return [sequence, h, c];
      });
      results.forEach((result, i) => {
        expectClose(result, expected[i], 1e-6);
      });
    }
  });

  it('scan and unroll give the same gradients in single precision', async () => {
    const inputs = inputsFor(7, 3);
    const gradients = (layout: LstmLayout) => {
      const g = new Graph();
      return evaluate(g, inputs, (...tensors) => {
        const { sequence, c } = build(layout)(...(tensors as Parameters<ReturnType<typeof build>>));
        const loss = add(sum(mul(sequence, sequence)), sum(c));
        return g.gradients(loss, tensors.slice(0, 4)).map((d) => d!);
      });
    };
    const [scan, unroll] = [await gradients('scan'), await gradients('unroll')];
    scan.forEach((d, i) => {
      expectClose(d, unroll[i], 1e-6);
    });
  });

  it('gives the initial state no gradient', () => {
    const g = new Graph();
    const [x, input, recurrent, bias, h, c] = inputsFor(2).map(({ dims }, i) => g.input(`x${i}`, dims));
    const { sequence } = lstm(x, { input, recurrent, bias }, { h, c }, 'scan');
    expect(g.gradients(sum(sequence), [h, c])).toEqual([null, null]);
  });
});
