import { describe, it } from 'vitest';
import { Graph } from '../../../src/graph/graph.js';
import { batchNorm, EPSILON, layerNorm } from '../../../src/graph/ops/normalisation.js';
import { checkGradients, expectClose } from '../../support/gradient-check.js';
import { at, fromIndex, map, type NdArray, randomArray } from '../../support/nd-array.js';
import { evaluate } from '../../support/run-graph.js';

const average = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

function plainLayerNorm(x: NdArray, gain: NdArray, bias: NdArray): NdArray {
  const c = x.dims[x.dims.length - 1];
  const rows = Array.from({ length: x.data.length / c }, (_, row) => [
    ...x.data.slice(row * c, (row + 1) * c),
  ]);
  const normalised = rows.flatMap((row) => {
    const mean = average(row);
    const deviation = Math.sqrt(average(row.map((v) => (v - mean) ** 2)) + EPSILON);
    return row.map((v, k) => ((v - mean) / deviation) * gain.data[k] + bias.data[k]);
  });
  return { dims: x.dims, data: Float64Array.from(normalised) };
}

function plainBatchNorm(x: NdArray, gain: NdArray, bias: NdArray): NdArray[] {
  const c = x.dims[x.dims.length - 1];
  const column = (k: number): number[] => [...x.data.filter((_, i) => i % c === k)];
  const mean = fromIndex([c], (k) => average(column(k)));
  const variance = fromIndex([c], (k) => average(column(k).map((v) => (v - mean.data[k]) ** 2)));
  const y = fromIndex(x.dims, (...index) => {
    const k = index[index.length - 1];
    const normalised = (at(x, ...index) - mean.data[k]) / Math.sqrt(variance.data[k] + EPSILON);
    return normalised * gain.data[k] + bias.data[k];
  });
  return [y, mean, variance];
}

describe('layerNorm', () => {
  it.each([[[4, 5]], [[2, 3, 4]], [[1, 2]]])('over the last axis of %j', (dims: number[]) => {
    const c = dims[dims.length - 1];
    return checkGradients({
      inputs: [randomArray(dims, 1, -2, 3), randomArray([c], 2, 0.5, 1.5), randomArray([c], 3)],
      build: layerNorm,
      reference: plainLayerNorm,
    });
  });

  it('of small numbers, where the added variance counts', () =>
    checkGradients({
      inputs: [
        map(randomArray([3, 4], 4), (x) => 0.003 * x),
        randomArray([4], 5, 0.5, 1.5),
        randomArray([4], 6),
      ],
      build: layerNorm,
      reference: plainLayerNorm,
      step: 1e-6,
    }));

  it('in single precision', () =>
    checkGradients({
      inputs: [randomArray([6, 8], 1, -2, 3), randomArray([8], 2, 0.5, 1.5), randomArray([8], 3)],
      build: layerNorm,
      reference: plainLayerNorm,
      float: 'float32',
    }));
});

describe('batchNorm', () => {
  it.each([[[6, 3]], [[2, 4, 2]]])('over all but the last axis of %j', async (dims: number[]) => {
    const c = dims[dims.length - 1];
    const inputs = [randomArray(dims, 7, -2, 3), randomArray([c], 8, 0.5, 1.5), randomArray([c], 9)];
    await checkGradients({
      inputs,
      build: (x, gain, bias) => batchNorm(x, gain, bias).y,
      reference: (...values) => plainBatchNorm(...(values as [NdArray, NdArray, NdArray]))[0],
    });
  });

  it('gives the mean and the biased variance of the batch', async () => {
    const inputs = [randomArray([6, 3], 7, -2, 3), randomArray([3], 8), randomArray([3], 9)];
    const results = await evaluate(new Graph({ float: 'float64' }), inputs, (x, gain, bias) => {
      const { y, statistics } = batchNorm(x, gain, bias);
      return [y, statistics.mean, statistics.variance];
    });
    const expected = plainBatchNorm(...(inputs as [NdArray, NdArray, NdArray]));
    results.forEach((result, i) => {
      expectClose(result, expected[i], 1e-12);
    });
  });
});
