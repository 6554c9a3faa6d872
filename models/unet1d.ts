/**
 * The waveform U-Net: strided convolutions over time down to a slow, wide signal, dilated convolutions that give it a
 * past, and transposed convolutions up again with skips; what comes out is added to the input. All of it is causal, and
 * kernels span two strides, so that a stream needs the last stride of every level and nothing else.
 */
import { z } from 'zod';
import { fixed, multiplyDims } from '../src/graph/dim.js';
import type { Tensor } from '../src/graph/graph.js';
import { conv1d } from '../src/graph/ops/convolution.js';
import { add, relu } from '../src/graph/ops/elementwise.js';
import { gatedLinear } from '../src/graph/ops/linear.js';
import { reshape } from '../src/graph/ops/shape.js';
import { byFanIn, zeros } from '../src/nn/initialisers.js';
import type { ModelBuilder } from '../src/nn/model-builder.js';
import type { ModelFamily } from '../src/nn/model-family.js';
import { layerNormLayer, linearLayer, withPast } from './layers.js';

const unet1dConfig = z
  .strictObject({
    sampleRate: z.int().min(8000).max(48000).default(16000).describe('Hz'),
    channels: z.array(z.int().min(1).max(512)).min(1).max(6).default([32, 64, 96]).describe('of each level'),
    strides: z.array(z.int().min(2).max(8)).min(1).max(6).default([4, 4, 4]).describe('of each level'),
    blocks: z
      .int()
      .min(0)
      .max(10)
      .default(6)
      .describe('dilated convolutions at the bottom, each reaching back twice as far as the one before'),
    dropout: z.number().min(0).max(0.9).default(0).describe('in the blocks'),
  })
  .refine(
    ({ channels, strides }) => channels.length === strides.length,
    'channels and strides must be equally many',
  );
export type Unet1dConfig = z.infer<typeof unet1dConfig>;

/** Taps of the dilated convolutions. */
const KERNEL = 3;

export const unet1d: ModelFamily<Unet1dConfig> = {
  name: 'unet1d',
  description: 'Causal U-Net on the waveform, strided convolutions over time, without latency',
  levelDependent: true,
  configSchema: unet1dConfig,
  sampleRate: (config) => config.sampleRate,
  hop: (config) => config.strides.reduce((a, b) => a * b, 1),
  latency: () => 0,

  build(b, audio, { channels, strides, blocks, dropout }) {
    let x = reshape(audio, [...audio.shape, 1]);
    const skips: Tensor[] = [];
    channels.forEach((width, level) => {
      x = gate(b, `encoder.${level}`, down(b, `encoder.${level}`, x, width, strides[level]));
      skips.push(x);
    });
    for (let block = 0; block < blocks; block++) x = remember(b, `block.${block}`, x, 2 ** block, dropout);
    for (let level = channels.length - 1; level > 0; level--) {
      const joined = gate(b, `decoder.${level}`, add(x, skips[level]));
      x = relu(up(b, `decoder.${level}`, joined, channels[level - 1], strides[level], 1));
    }
    // Begins close to nothing: an untrained model passes its input through.
    const correction = up(b, 'decoder.0', gate(b, 'decoder.0', add(x, skips[0])), 1, strides[0], 0.1);
    return add(audio, reshape(correction, audio.shape));
  },
};

/** `[batch, stride·n, inputs] → [batch, n, outputs]`; each output sees the two strides that end with it. */
function down(b: ModelBuilder, name: string, x: Tensor, outputs: number, stride: number): Tensor {
  const kernel = 2 * stride;
  const fanIn = kernel * fixed(x.shape[2], `the input of ${name}`);
  const w = b.weight(`${name}.weight`, [fanIn, outputs], byFanIn(fanIn));
  const bias = b.weight(`${name}.bias`, [outputs], byFanIn(fanIn));
  return relu(conv1d(withPast(b, `${name}.past`, x, stride), w, bias, { kernel, stride }));
}

/**
 * Transposed convolution with a kernel of two strides, `[batch, n, inputs] → [batch, stride·n, outputs]`: every stride of
 * its output is made of one step of the input and the one before, which is a convolution with two taps.
 */
function up(b: ModelBuilder, name: string, x: Tensor, outputs: number, stride: number, gain: number): Tensor {
  const [batch, n] = x.shape;
  const fanIn = 2 * fixed(x.shape[2], `the input of ${name}`);
  const start = { kind: 'uniform', bound: gain / Math.sqrt(fanIn) } as const;
  const w = b.weight(`${name}.up.weight`, [fanIn, stride * outputs], start);
  const y = conv1d(withPast(b, `${name}.past`, x, 1), w, undefined, { kernel: 2 });
  const samples = reshape(y, [batch, multiplyDims(n, stride), outputs]);
  return add(samples, b.weight(`${name}.up.bias`, [outputs], zeros));
}

/** Gated linear unit over the channels (Dauphin et al. 2017): `[batch, n, c] → [batch, n, c]`. */
function gate(b: ModelBuilder, name: string, x: Tensor): Tensor {
  const c = fixed(x.shape[2], `the gate of ${name}`);
  const w = b.weight(`${name}.gate.weight`, [c, 2 * c], byFanIn(c));
  return gatedLinear(x, w, b.weight(`${name}.gate.bias`, [2 * c], byFanIn(c)));
}

/** A causal dilated convolution added to its input: `[batch, n, c] → [batch, n, c]`. */
function remember(b: ModelBuilder, name: string, x: Tensor, dilation: number, dropout: number): Tensor {
  const c = fixed(x.shape[2], `the input of ${name}`);
  const normal = layerNormLayer(b, `${name}.norm`, x);
  const w = b.weight(`${name}.weight`, [KERNEL * c, c], byFanIn(KERNEL * c));
  const bias = b.weight(`${name}.bias`, [c], byFanIn(KERNEL * c));
  const past = withPast(b, `${name}.past`, normal, (KERNEL - 1) * dilation);
  const y = b.dropout(relu(conv1d(past, w, bias, { kernel: KERNEL, dilation })), dropout);
  return add(x, linearLayer(b, `${name}.out`, y, c));
}
