import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { conv1d, convTranspose1d } from '../../src/graph/ops/convolution.js';
import { add, gelu, prelu, relu, silu, softplus } from '../../src/graph/ops/elementwise.js';
import { gatedLinear, linear } from '../../src/graph/ops/linear.js';
import { type LstmLayout, lstm } from '../../src/graph/ops/lstm.js';
import { batchNorm, layerNorm } from '../../src/graph/ops/normalisation.js';
import { transpose } from '../../src/graph/ops/shape.js';
import { ones, zeros } from '../../src/nn/initialisers.js';
import { l1, mse } from '../../src/nn/losses/loss.js';
import { initialVector, type ModelBuilder } from '../../src/nn/model-builder.js';
import { describeBuild } from '../../src/nn/streaming-graph.js';
import type { BuildLoss } from '../../src/nn/training-graph.js';
import { flatFromTorch } from '../support/prototype-golden.js';
import { relativeDistance, trainOnOneBatch } from '../support/training-run.js';

interface Golden {
  losses: number[];
  gradientNorms: number[];
  output: number[];
  gradients: Record<string, number[]>;
}
const golden = JSON.parse(readFileSync(new URL('./torch.golden.json', import.meta.url), 'utf8')) as Record<
  'waveform' | 'features',
  Golden
>;

/** PyTorch's parameters in its order, with its shapes: made by formula here as in scripts/golden/graph.py. */
const torchShapes = {
  waveform: {
    'encode.weight': [4, 1, 4],
    'encode.bias': [4],
    'encode_gate.weight': [8, 4, 1],
    'encode_gate.bias': [8],
    'lstm.weight_ih_l0': [16, 4],
    'lstm.weight_hh_l0': [16, 4],
    'lstm.bias_ih_l0': [16],
    'lstm.bias_hh_l0': [16],
    'norm.weight': [4],
    'norm.bias': [4],
    'decode_gate.weight': [8, 4, 1],
    'decode_gate.bias': [8],
    'decode.weight': [4, 1, 4],
    'decode.bias': [1],
  },
  features: {
    'first.weight': [4, 2, 3],
    'first.bias': [4],
    'slope.weight': [4],
    'norm.weight': [4],
    'norm.bias': [4],
    'second.weight': [4, 2, 3],
    'second.bias': [4],
    'out.weight': [3, 4],
    'out.bias': [3],
  },
} satisfies Record<string, Record<string, number[]>>;

const formula = (dims: readonly number[], k: number): Float32Array =>
  Float32Array.from(
    { length: dims.reduce((n, dim) => n * dim, 1) },
    (_, i) => 0.4 * Math.sin(1.7 * i + k) + 0.1 * Math.cos(0.3 * i * i),
  );

/** `[batch, channels, time]` as PyTorch has it, written as `[batch, time, channels]`. */
function channelsLast([batch, channels, time]: readonly number[], k: number): Float32Array {
  const values = formula([batch, channels, time], k);
  return values.map((_, i) => {
    const [b, t, c] = [Math.floor(i / (time * channels)), Math.floor(i / channels) % time, i % channels];
    return values[(b * channels + c) * time + t];
  });
}

const waveform: BuildLoss = (b) => {
  const w = (name: string, shape: number[]) => b.weight(name, shape, zeros);
  const x = b.graph.input('x', [2, 14, 1]);
  const encoded = conv1d(x, w('encode.weight', [4, 4]), w('encode.bias', [4]), { kernel: 4, stride: 2 });
  const skip = gatedLinear(relu(encoded), w('encode_gate.weight', [4, 8]), w('encode_gate.bias', [8]));
  const weights = {
    input: w('lstm.weight_ih_l0', [16, 4]),
    recurrent: w('lstm.weight_hh_l0', [16, 4]),
    bias: w('lstm.bias', [16]),
  };
  const zero = b.graph.full([2, 4], 0);
  const { sequence } = lstm(transpose(skip, [1, 0, 2]), weights, { h: zero, c: zero }, b.lstmLayout);
  const y = transpose(layerNorm(sequence, w('norm.weight', [4]), w('norm.bias', [4])), [1, 0, 2]);
  const gated = gatedLinear(add(y, skip), w('decode_gate.weight', [4, 8]), w('decode_gate.bias', [8]));
  const output = convTranspose1d(gated, w('decode.weight', [4, 4]), w('decode.bias', [1]), 4, 2);
  return { loss: l1(output, b.graph.input('y', [2, 14, 1])), outputs: { output } };
};

const features: BuildLoss = (b: ModelBuilder) => {
  const w = (name: string, shape: number[]) => b.weight(name, shape, zeros);
  const x = b.graph.input('x', [3, 9, 2]);
  const first = conv1d(x, w('first.weight', [6, 4]), w('first.bias', [4]), { kernel: 3, dilation: 2 });
  const active = prelu(first, w('slope.weight', [4]));
  const { y, statistics } = batchNorm(active, w('norm.weight', [4]), w('norm.bias', [4]));
  b.buffer('norm.mean', [4], zeros);
  b.buffer('norm.variance', [4], ones);
  b.updateBuffer('norm.mean', statistics.mean);
  b.updateBuffer('norm.variance', statistics.variance);
  const options = { kernel: 3, groups: 2, padding: [1, 1] as [number, number] };
  const second = silu(conv1d(y, w('second.weight', [6, 4]), w('second.bias', [4]), options));
  const output = softplus(gelu(linear(second, w('out.weight', [4, 3]), w('out.bias', [3]))));
  return { loss: mse(output, b.graph.input('y', [3, 5, 3])), outputs: { output } };
};

const cases = [
  {
    name: 'waveform',
    buildLoss: waveform,
    layout: 'scan',
    x: [2, 1, 14],
    y: [2, 1, 14],
    k: 50,
    weightDecay: 0,
  },
  {
    name: 'waveform',
    buildLoss: waveform,
    layout: 'unroll',
    x: [2, 1, 14],
    y: [2, 1, 14],
    k: 50,
    weightDecay: 0,
  },
  {
    name: 'features',
    buildLoss: features,
    layout: 'scan',
    x: [3, 2, 9],
    y: [3, 5, 3],
    k: 52,
    weightDecay: 0.1,
  },
] as const;

describe.each(cases)(
  '$name ($layout) against PyTorch',
  ({ name, buildLoss, layout, x, y, k, weightDecay }) => {
    it('output, gradients of every weight, and twenty steps of AdamW with clipping', async () => {
      const expected = golden[name];
      const specs = describeBuild(x[0], buildLoss);
      const shapes: Record<string, number[]> = torchShapes[name];
      const names = Object.keys(shapes);
      const start = flatFromTorch(
        specs.weights,
        (weight) => ({
          dims: shapes[weight],
          data:
            weight === 'lstm.bias_hh_l0'
              ? new Float32Array(16)
              : formula(shapes[weight], names.indexOf(weight) + 1),
        }),
        'sum',
        (weight) => weight === 'decode.weight',
      );
      const gradient = flatFromTorch(
        specs.weights,
        (weight) => ({ dims: shapes[weight], data: expected.gradients[weight] ?? [] }),
        'first',
        (weight) => weight === 'decode.weight',
      );
      const target = name === 'waveform' ? channelsLast(y, k + 1) : formula(y, k + 1);
      const run = await trainOnOneBatch(
        buildLoss,
        specs,
        { weights: start, ...(specs.buffers.length > 0 ? { buffers: initialVector(specs.buffers, 0) } : {}) },
        {
          x: { data: channelsLast(x, k), dims: [x[0], x[2], x[1]] },
          y: { data: target, dims: name === 'waveform' ? [y[0], y[2], y[1]] : y },
        },
        { steps: 20, rate: 1e-2, weightDecay },
        { batch: x[0], clip: 0.05, lstmLayout: layout as LstmLayout },
      );
      expect(relativeDistance(run.outputs.output, expected.output)).toBeLessThan(1e-6);
      expect(relativeDistance(run.gradient, gradient)).toBeLessThan(1e-5);
      expect(relativeDistance(run.gradientNorms, expected.gradientNorms)).toBeLessThan(1e-4);
      expect(relativeDistance(run.losses, expected.losses)).toBeLessThan(1e-4);
    });
  },
);
