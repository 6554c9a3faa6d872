import { describe, expect, it } from 'vitest';
import { SymbolicDim } from '../../../src/graph/dim.js';
import { Graph, type Tensor } from '../../../src/graph/graph.js';
import { add, mul, tanh } from '../../../src/graph/ops/elementwise.js';
import { matmul } from '../../../src/graph/ops/linear.js';
import { type Cell, recurrence } from '../../../src/graph/ops/recurrence.js';
import { checkGradients } from '../../support/gradient-check.js';
import { type NdArray, randomArray } from '../../support/nd-array.js';
import { evaluate, startGraph } from '../../support/run-graph.js';

const [TIME, BATCH, INPUTS, UNITS] = [5, 2, 3, 4];
const x = randomArray([TIME, BATCH, INPUTS], 1);
const drive = randomArray([TIME, BATCH, UNITS], 2);
const h = randomArray([BATCH, UNITS], 3);
const slow = randomArray([BATCH, UNITS], 4);
const wx = randomArray([INPUTS, UNITS], 5);
const wh = randomArray([UNITS, UNITS], 6);

/** Two inputs, two states, of which one follows the other; an output that is neither. */
const cell: Cell<{ wx: Tensor; wh: Tensor }> = ([input, push], [fast, trace], w) => {
  const next = tanh(add(add(matmul(input, w.wx), matmul(fast, w.wh)), mul(push, trace)));
  const follow = add(mul(trace, trace.graph.scalar(0.9)), next);
  return { states: [next, follow], output: mul(follow, next) };
};

/** The same in plain numbers. */
function plain(): { sequence: NdArray; h: NdArray; slow: NdArray } {
  let fast = [...h.data];
  let trace = [...slow.data];
  const sequence: number[] = [];
  for (let t = 0; t < TIME; t++) {
    const next = fast.map((_, i) => {
      const [row, unit] = [Math.floor(i / UNITS), i % UNITS];
      let sum = drive.data[t * BATCH * UNITS + i] * trace[i];
      for (let k = 0; k < INPUTS; k++)
        sum += x.data[(t * BATCH + row) * INPUTS + k] * wx.data[k * UNITS + unit];
      for (let k = 0; k < UNITS; k++) sum += fast[row * UNITS + k] * wh.data[k * UNITS + unit];
      return Math.tanh(sum);
    });
    trace = trace.map((value, i) => 0.9 * value + next[i]);
    fast = next;
    sequence.push(...next.map((value, i) => value * trace[i]));
  }
  const state = (values: number[]): NdArray => ({ dims: [BATCH, UNITS], data: Float64Array.from(values) });
  return {
    sequence: { dims: [TIME, BATCH, UNITS], data: Float64Array.from(sequence) },
    h: state(fast),
    slow: state(trace),
  };
}

describe('recurrence', () => {
  it.each(['scan', 'unroll'] as const)('has values and gradients of inputs and weights, as %s', (layout) =>
    checkGradients({
      inputs: [x, drive, wx, wh, h, slow],
      // Truncated: no gradient flows into the states before the first step.
      constants: [4, 5],
      build: (...[gx, gd, gwx, gwh, gh, gs]) => {
        const what = { inputs: [gx, gd], states: [gh, gs], weights: { wx: gwx, wh: gwh }, cell };
        const { sequence, states } = recurrence(what, layout);
        return [sequence, ...states];
      },
      reference: () => {
        const expected = plain();
        return [expected.sequence, expected.h, expected.slow];
      },
    }),
  );

  it('has the gradient where only the last states matter, and only one weight is learnt', () =>
    checkGradients({
      inputs: [x, drive, wx, wh, h, slow],
      constants: [0, 1, 2, 4, 5],
      build: (...[gx, gd, gwx, gwh, gh, gs]) => {
        const what = { inputs: [gx, gd], states: [gh, gs], weights: { wx: gwx, wh: gwh }, cell };
        return recurrence(what, 'scan').states[0];
      },
    }));

  it('runs over any length when time is known only at the run', async () => {
    const graph = new Graph({ float: 'float64' });
    const time = SymbolicDim.symbol('frames');
    const inputs = [graph.input('x', [time, BATCH, INPUTS]), graph.input('drive', [time, BATCH, UNITS])];
    const states = [graph.input('h', h.dims), graph.input('slow', slow.dims)];
    const weights = { wx: graph.input('wx', wx.dims), wh: graph.input('wh', wh.dims) };
    const result = recurrence({ inputs, states, weights, cell }, 'kernel');
    graph.output('y', result.sequence);
    result.states.forEach((state, i) => {
      graph.output(`next${i}`, state);
    });
    const running = await startGraph(graph);
    const part = ({ dims, data }: NdArray, from: number, to: number): NdArray => {
      const step = dims[1] * dims[2];
      return { dims: [to - from, dims[1], dims[2]], data: data.slice(from * step, to * step) };
    };
    const run = (from: number, to: number, before: { h: NdArray; slow: NdArray }) =>
      running.run({ x: part(x, from, to), drive: part(drive, from, to), wx, wh, ...before });
    const first = await run(0, 2, { h, slow });
    const second = await run(2, TIME, { h: first.next0, slow: first.next1 });
    await running.close();
    const joined = [...first.y.data, ...second.y.data];
    plain().sequence.data.forEach((value, i) => {
      expect(joined[i]).toBeCloseTo(value, 12);
    });
    expect(second.next1.data[3]).toBeCloseTo(plain().slow.data[3], 12);
  });

  it('takes one step', async () => {
    const one = (array: NdArray): NdArray => ({
      dims: [1, ...array.dims.slice(1)],
      data: array.data.slice(0, array.data.length / TIME),
    });
    const results = await Promise.all(
      (['kernel', 'scan', 'unroll'] as const).map((layout) =>
        evaluate(new Graph({ float: 'float64' }), [one(x), one(drive), wx, wh, h, slow], (...g) => [
          recurrence(
            { inputs: [g[0], g[1]], states: [g[4], g[5]], weights: { wx: g[2], wh: g[3] }, cell },
            layout,
          ).sequence,
        ]),
      ),
    );
    expect(results[1]).toEqual(results[0]);
    expect(results[2]).toEqual(results[0]);
  });
});
