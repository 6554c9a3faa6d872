import { expect } from 'vitest';
import { Graph, type GraphOptions, type Tensor } from '../../src/graph/graph.js';
import { mul } from '../../src/graph/ops/elementwise.js';
import { sum } from '../../src/graph/ops/reduce.js';
import { reshape } from '../../src/graph/ops/shape.js';
import { type NdArray, randomArray, sizeOfDims } from './nd-array.js';
import { type RunningGraph, startGraph } from './run-graph.js';

export interface GradientCheck {
  /** What the operation is given; every one of them is differentiated unless {@link constants} names it. */
  inputs: readonly NdArray[];
  /** Lays the operation. */
  build: (...inputs: Tensor[]) => Tensor | readonly Tensor[];
  /** What the outputs must be, computed without the graph. */
  reference?: (...inputs: NdArray[]) => NdArray | readonly NdArray[];
  /** Inputs by index that are not differentiated. */
  constants?: readonly number[];
  /** `float64` by default: one difference quotient per element. `float32` compares along random directions instead. */
  float?: 'float32' | 'float64';
  graph?: Omit<GraphOptions, 'float'>;
  /** Relative to the largest gradient of the same input. Default 1e-6 in double, 2e-3 in single precision. */
  tolerance?: number;
  /** Step of the difference quotient. Default 1e-5 in double, 1e-2 in single precision. */
  step?: number;
}

/**
 * Checks an operation in onnxruntime: its values against `reference` and the gradient of a random combination of its
 * outputs, with respect to every input, against central differences.
 */
export async function checkGradients(check: GradientCheck): Promise<void> {
  const { inputs, float = 'float64', constants = [] } = check;
  const single = float === 'float32';
  const graph = new Graph({ ...check.graph, float });
  const handles = inputs.map(({ dims }, i) => graph.input(`x${i}`, dims));
  const built = check.build(...handles);
  const outputs = Array.isArray(built) ? (built as Tensor[]) : [built as Tensor];
  const cotangents = outputs.map(({ shape }, i) => randomArray(shape as number[], 1000 + i));
  const parts = outputs.map((y, i) => {
    const size = sizeOfDims(cotangents[i].dims);
    return sum(
      mul(
        reshape(y, [size]),
        graph.table(`cotangent ${i}`, [size], () => cotangents[i].data),
      ),
    );
  });
  const loss = parts.reduce((a, b) => graph.emit1('Add', [a, b], []));
  // Sums of several outputs are recorded by hand, so that this check does not lean on the operation `add`.
  if (parts.length > 1) graph.record(parts, [loss], ([d]) => parts.map(() => d));
  const varied = inputs.map((_, i) => i).filter((i) => !constants.includes(i));
  const gradients = graph.gradients(
    loss,
    varied.map((i) => handles[i]),
  );
  outputs.forEach((y, i) => {
    graph.output(`y${i}`, y);
  });
  gradients.forEach((d, i) => {
    if (d === null) throw new Error(`The outputs do not depend on input ${varied[i]}.`);
    expect(d.shape, `shape of the gradient of input ${varied[i]}`).toEqual(inputs[varied[i]].dims);
    graph.output(`d${varied[i]}`, d);
  });

  const running = await startGraph(graph);
  try {
    const results = await running.run(feeds(inputs));
    if (check.reference) {
      const expected = check.reference(...inputs);
      const list = Array.isArray(expected) ? (expected as NdArray[]) : [expected as NdArray];
      for (const [i, reference] of list.entries())
        expectClose(results[`y${i}`], reference, single ? 2e-5 : 1e-10);
    }
    for (const i of varied) {
      const compare = single ? compareAlongDirections : compareElements;
      const value = (x: NdArray) => combination(running, inputs.with(i, x), cotangents);
      await compare(i, inputs[i], results[`d${i}`], value, check);
    }
  } finally {
    await running.close();
  }
}

type Value = (x: NdArray) => Promise<number>;

async function compareElements(
  i: number,
  x: NdArray,
  gradient: NdArray,
  value: Value,
  check: GradientCheck,
): Promise<void> {
  const { step = 1e-5, tolerance = 1e-6 } = check;
  const largest = gradient.data.reduce((m, d) => Math.max(m, Math.abs(d)), 1e-3);
  for (let k = 0; k < x.data.length; k++) {
    const moved = (by: number): NdArray => ({ dims: x.dims, data: x.data.with(k, x.data[k] + by) });
    const difference = ((await value(moved(step))) - (await value(moved(-step)))) / (2 * step);
    if (!(Math.abs(difference - gradient.data[k]) <= tolerance * largest))
      expect.fail(
        `input ${i}, element ${k}: gradient ${gradient.data[k]}, difference quotient ${difference}`,
      );
  }
}

async function compareAlongDirections(
  i: number,
  x: NdArray,
  gradient: NdArray,
  value: Value,
  check: GradientCheck,
): Promise<void> {
  const { step = 1e-2, tolerance = 2e-3 } = check;
  const norm = Math.hypot(...gradient.data);
  for (let trial = 0; trial < 4; trial++) {
    const raw = randomArray(x.dims, 2000 + trial);
    // Half the direction along the gradient itself, so that the expected slope never drowns in rounding.
    const direction = raw.data.map((r, k) => r / Math.hypot(...raw.data) + gradient.data[k] / (norm || 1));
    const moved = (by: number): NdArray => ({
      dims: x.dims,
      data: x.data.map((v, k) => v + by * direction[k]),
    });
    const quotient = async (h: number) => ((await value(moved(h))) - (await value(moved(-h)))) / (2 * h);
    // Richardson's combination of two steps: the steps that single precision resolves are too long for one.
    const difference = (4 * (await quotient(step)) - (await quotient(2 * step))) / 3;
    const expected = direction.reduce((total, d, k) => total + d * gradient.data[k], 0);
    if (!(Math.abs(difference - expected) <= tolerance * norm))
      expect.fail(`input ${i}, direction ${trial}: slope ${expected}, difference quotient ${difference}`);
  }
}

const feeds = (inputs: readonly NdArray[]): Record<string, NdArray> =>
  Object.fromEntries(inputs.map((input, i) => [`x${i}`, input]));

/** Σ cotangent·output, added up here in double whatever the graph computes in. */
async function combination(
  running: RunningGraph,
  inputs: readonly NdArray[],
  cotangents: readonly NdArray[],
): Promise<number> {
  const results = await running.run(feeds(inputs));
  let total = 0;
  cotangents.forEach(({ data }, i) => {
    results[`y${i}`].data.forEach((y, k) => {
      total += y * data[k];
    });
  });
  return total;
}

/** Same shape, and every element within `tolerance` times the largest magnitude expected (at least 1). */
export function expectClose(actual: NdArray, expected: NdArray, tolerance: number): void {
  expect(actual.dims).toEqual(expected.dims);
  const largest = expected.data.reduce((m, v) => Math.max(m, Math.abs(v)), 1);
  for (let k = 0; k < expected.data.length; k++)
    if (!(Math.abs(actual.data[k] - expected.data[k]) <= tolerance * largest))
      expect.fail(`element ${k} of [${expected.dims}]: ${actual.data[k]} where ${expected.data[k]} is right`);
}
