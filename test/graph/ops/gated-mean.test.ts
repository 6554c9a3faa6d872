import { describe, expect, it } from 'vitest';
import { Graph } from '../../../src/graph/graph.js';
import { gatedMean } from '../../../src/graph/ops/gated-mean.js';
import { checkGradients } from '../../support/gradient-check.js';
import { type NdArray, randomArray } from '../../support/nd-array.js';
import { evaluate } from '../../support/run-graph.js';

const [TIME, ROWS, UNITS] = [5, 2, 3];
const STEP = ROWS * UNITS;
const values = randomArray([TIME, ROWS, UNITS], 1);
const keep: NdArray = {
  dims: [TIME, ROWS, UNITS],
  data: randomArray([TIME, ROWS, UNITS], 2).data.map((x) => 1 / (1 + Math.exp(-2 * x))),
};
const initial = randomArray([ROWS, UNITS], 3);

function plain(time: number): [NdArray, NdArray] {
  let h = initial.data;
  const sequence: number[] = [];
  for (let t = 0; t < time; t++) {
    h = h.map((before, i) => {
      const f = keep.data[t * STEP + i];
      return f * before + (1 - f) * values.data[t * STEP + i];
    });
    sequence.push(...h);
  }
  return [
    { dims: [time, ROWS, UNITS], data: Float64Array.from(sequence) },
    { dims: [ROWS, UNITS], data: h },
  ];
}

const first = ({ dims, data }: NdArray, time: number): NdArray => ({
  dims: [time, ...dims.slice(1)],
  data: data.slice(0, time * STEP),
});

describe('gatedMean', () => {
  it.each([
    ['scan', TIME],
    ['unroll', TIME],
    ['scan', 1],
    ['unroll', 1],
  ] as const)('has values and gradients, as %s over %i steps', (layout, time) =>
    checkGradients({
      inputs: [first(values, time), first(keep, time), initial],
      // Truncated: no gradient flows into the mean before the first step.
      constants: [2],
      build: (v, k, h) => {
        const { sequence, last } = gatedMean(v, k, h, layout);
        return [sequence, last];
      },
      reference: () => plain(time),
    }),
  );

  it('has the gradient where only the last mean matters', () =>
    checkGradients({
      inputs: [values, keep, initial],
      constants: [2],
      build: (v, k, h) => gatedMean(v, k, h, 'scan').last,
    }));

  it('gives the same in a stream', async () => {
    const [y] = await evaluate(new Graph({ float: 'float64' }), [values, keep, initial], (v, k, h) => [
      gatedMean(v, k, h, 'kernel').sequence,
    ]);
    plain(TIME)[0].data.forEach((value, i) => {
      expect(y.data[i]).toBeCloseTo(value, 12);
    });
  });
});
