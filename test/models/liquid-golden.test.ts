/** The liquid cells against `ncps.torch` 1.0.1 (mlech26l/ncps @ 695ec22): values that it gave for random weights. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type CfcLayerConfig, cfcLayer } from '../../models/cfc-cell.js';
import { ltcLayer } from '../../models/ltc-cell.js';
import { createSession } from '../../src/engine/runtime.js';
import { Graph, type Tensor } from '../../src/graph/graph.js';
import { toModel } from '../../src/graph/onnx/envelope.js';
import { writeOnnx } from '../../src/graph/onnx/write.js';
import type { LstmLayout } from '../../src/graph/ops/lstm.js';
import { ModelBuilder } from '../../src/nn/model-builder.js';
import { Random } from '../../src/random.js';

type Numbers = number | number[] | number[][];
interface Golden {
  x: number[][];
  h: number[][];
  v: number[][];
  ts: number;
  elapsed: number;
  units: number;
  motor: number;
  params: Record<string, Numbers>;
  y: number[][];
  v_next: number[][];
}

const golden = JSON.parse(
  readFileSync(new URL('../fixtures/ncps.golden.json', import.meta.url), 'utf8'),
) as Record<string, Golden>;

const flat = (values: Numbers): number[] => [values].flat(2) as number[];
const transposed = (rows: number[][]): number[][] =>
  rows[0].map((_, column) => rows.map((row) => row[column]));
/** Matrices of one height next to each other. */
const beside = (...parts: number[][][]): number[][] =>
  parts[0].map((_, row) => parts.flatMap((part) => part[row]));

/** Runs a layer over one step of time with the weights and the state given by name. */
async function runLayer(
  build: (b: ModelBuilder, x: Tensor) => Tensor,
  x: number[][],
  weights: Record<string, Numbers>,
  state: number[][],
  layout: LstmLayout,
): Promise<{ y: number[]; next: number[] }> {
  const graph = new Graph();
  const given = (shape: readonly number[], values: number[], key: string): Tensor => {
    expect(values, key).toHaveLength(shape.reduce((a, b) => a * b, 1));
    return graph.table(key, shape, () => Float64Array.from(values));
  };
  const builder = new ModelBuilder(graph, {
    mode: 'inference',
    batch: x.length,
    lstmLayout: layout,
    variables: {
      weight: ({ name, shape }) => given(shape, flat(weights[name.replace('cell.', '')]), name),
      buffer: ({ name }) => {
        throw new Error(`no buffer ${name} was expected`);
      },
    },
    initialState: ({ name, shape }) => given([x.length, ...shape], flat(state), name),
  });
  const input = graph.table('x', [x.length, 1, x[0].length], () => Float64Array.from(flat(x)));
  graph.output('y', build(builder, input));
  graph.output('next', [...builder.nextStates.values()][0]);
  const session = await createSession(writeOnnx(toModel(graph)));
  const { y, next } = await session.run({});
  await session.release();
  return { y: [...(y.data as Float32Array)], next: [...(next.data as Float32Array)] };
}

function expectClose(actual: number[], expected: number[][]): void {
  const wanted = flat(expected);
  expect(actual).toHaveLength(wanted.length);
  actual.forEach((value, i) => {
    expect(Math.abs(value - wanted[i])).toBeLessThan(1e-5);
  });
}

const layouts = ['kernel', 'scan', 'unroll'] as const;
const cfcCases = (['default', 'pure', 'no_gate'] as const).flatMap((mode) =>
  [0, 1, 2].flatMap((layers) => layouts.map((layout) => ({ mode, layers, layout }))),
);

describe('CfC', () => {
  it.each(cfcCases)(
    '$mode with $layers backbone layers, with the layout $layout',
    async ({ mode, layers, layout }) => {
      const { x, h, ts, params, y } = golden[`cfc_${mode}_${layers}`];
      const heads = mode === 'pure' ? ['ff1'] : ['ff1', 'ff2', 'time_a', 'time_b'];
      const weights: Record<string, Numbers> = { w_tau: params.w_tau, A: params.A };
      weights['heads.weight'] = beside(...heads.map((p) => transposed(params[`${p}.weight`] as number[][])));
      weights['heads.bias'] = heads.flatMap((p) => params[`${p}.bias`] as number[]);
      for (let layer = 0; layer < layers; layer++) {
        // Its backbone alternates linear layers and activations.
        weights[`backbone.${layer}.weight`] = transposed(
          params[`backbone.${2 * layer}.weight`] as number[][],
        );
        weights[`backbone.${layer}.bias`] = params[`backbone.${2 * layer}.bias`];
      }
      const config: CfcLayerConfig = {
        hidden: 4,
        mode,
        backboneUnits: 5,
        backboneLayers: layers,
        backboneDropout: 0,
        activation: 'lecun_tanh',
        mixedMemory: false,
        elapsed: ts,
      };
      const result = await runLayer((b, input) => cfcLayer(b, 'cell', input, config), x, weights, h, layout);
      expectClose(result.y, y);
      expectClose(result.next, y);
    },
  );
});

describe('CfC with mixed memory', () => {
  it('sees the output of an LSTM cell as its state', async () => {
    const { x, h, ts, params } = golden.cfc_default_0;
    const random = new Random(3);
    const draw = (rows: number, columns: number): number[][] =>
      Array.from({ length: rows }, () => Array.from({ length: columns }, () => random.normal()));
    const [memory, recurrent, bias] = [draw(3, 16), draw(4, 16), draw(1, 16)];
    const heads = ['ff1', 'ff2', 'time_a', 'time_b'];
    const headWeights = beside(...heads.map((p) => transposed(params[`${p}.weight`] as number[][])));
    const headBias = heads.flatMap((p) => params[`${p}.bias`] as number[]);
    const sigmoid = (v: number): number => 1 / (1 + Math.exp(-v));
    const expected = x.map((row, r) => {
      const sums = bias[0].map(
        (b, j) =>
          b +
          row.reduce((sum, v, i) => sum + v * memory[i][j], 0) +
          h[r].reduce((sum, v, i) => sum + v * recurrent[i][j], 0),
      );
      // The cell starts with the same numbers as h: the helper gives every state the same values.
      const seen = h[r].map((c, j) => {
        const next = c * sigmoid(sums[8 + j] + 1) + Math.tanh(sums[j]) * sigmoid(sums[4 + j]);
        return Math.tanh(next) * sigmoid(sums[12 + j]);
      });
      const z = headBias.map((b, j) =>
        [...row, ...seen].reduce((sum, v, i) => sum + v * headWeights[i][j], b),
      );
      return seen.map((_, j) => {
        const s = sigmoid(z[8 + j] * ts + z[12 + j]);
        return Math.tanh(z[j]) * (1 - s) + s * Math.tanh(z[4 + j]);
      });
    });
    const weights = {
      'heads.weight': headWeights,
      'heads.bias': headBias,
      'memory.input': memory,
      'memory.recurrent': recurrent,
      'memory.bias': bias,
    };
    const config: CfcLayerConfig = {
      hidden: 4,
      mode: 'default',
      backboneUnits: 5,
      backboneLayers: 0,
      backboneDropout: 0,
      activation: 'lecun_tanh',
      mixedMemory: true,
      elapsed: ts,
    };
    const { y } = await runLayer((b, input) => cfcLayer(b, 'cell', input, config), x, weights, h, 'scan');
    expectClose(y, expected);
  });
});

const ltcCases = (['softplus', 'clamp'] as const).flatMap((constraint) =>
  layouts.map((layout) => ({ constraint, layout })),
);

describe('LTC', () => {
  it.each(ltcCases)('with $constraint, with the layout $layout', async ({ constraint, layout }) => {
    const { x, v, elapsed, units, motor, params, y, v_next } =
      golden[`ltc_implicit_${constraint === 'softplus' ? 'True' : 'False'}`];
    // Reversal potentials of 0 and weights whose P() is 0 stand for synapses that the mask leaves out.
    const masked = (w: string, mask: string): number[][] =>
      (params[w] as number[][]).map((row, i) =>
        row.map((value, j) =>
          (params[mask] as number[][])[i][j] !== 0 ? value : constraint === 'softplus' ? -1e4 : 0,
        ),
      );
    const weights = {
      ...params,
      w: masked('w', 'sparsity_mask'),
      sensory_w: masked('sensory_w', 'sensory_sparsity_mask'),
    };
    const config = { units, outputs: motor, unfolds: 6, constraint, sparsity: 0, elapsed };
    const result = await runLayer((b, input) => ltcLayer(b, 'cell', input, config), x, weights, v, layout);
    expectClose(result.y, y);
    expectClose(result.next, v_next);
  });
});
