/**
 * The flagship: a causal U-shaped net with an LSTM bottleneck on short-time spectra. Every frame goes through 1-D
 * convolutions over frequency, down and up again with skips; between them an LSTM runs along time in each of the few
 * bands that are left, with shared weights, and a small product mixes the bands. The result is a complex mask.
 */
import { z } from 'zod';
import { addDims, multiplyDims } from '../src/graph/dim.js';
import type { Tensor } from '../src/graph/graph.js';
import { conv1d, convTranspose1d } from '../src/graph/ops/convolution.js';
import { add, prelu, silu } from '../src/graph/ops/elementwise.js';
import { mixAxis } from '../src/graph/ops/linear.js';
import { concat, reshape, slice } from '../src/graph/ops/shape.js';
import { compress, type Spectrum } from '../src/graph/ops/spectral.js';
import { byFanIn, type Initialiser, zeros } from '../src/nn/initialisers.js';
import type { ModelBuilder } from '../src/nn/model-builder.js';
import type { ModelFamily } from '../src/nn/model-family.js';
import { layerNormLayer, linearLayer, lstmLayer, normalisedLinear, withPast } from './layers.js';
import {
  analyse,
  applyMask,
  delayed,
  frameSettings,
  LOOKBACK_RULE,
  lookbackFits,
  synthesise,
} from './spectral-front.js';

export const unet1dLstmConfig = z
  .strictObject({
    ...frameSettings,
    lookahead: z
      .int()
      .min(0)
      .max(16)
      .default(0)
      .describe('frames heard before one is cleaned; each delays by half a window'),
    channels: z
      .array(z.int().min(1).max(512))
      .min(1)
      .max(6)
      .default([24, 40, 56])
      .describe('after each level down'),
    strides: z
      .array(z.int().min(2).max(8).multipleOf(2))
      .default([4, 2, 2])
      .describe('of each level, over frequency'),
    hidden: z.int().min(1).max(1024).default(56).describe('LSTM units per band'),
    blocks: z.int().min(1).max(8).default(2).describe('LSTM and band-mixing blocks'),
    exponent: z.number().min(0.1).max(1).default(0.3).describe('compression of the input magnitudes'),
  })
  .refine(
    ({ channels, strides }) => channels.length === strides.length,
    'channels and strides must be equally many',
  )
  .refine(lookbackFits, LOOKBACK_RULE)
  .refine(
    ({ window, lookback, strides }) => ((window + lookback) / 2) % strides.reduce((a, b) => a * b, 1) === 0,
    '(window + lookback)/2 must be a multiple of the product of the strides',
  );
export type Unet1dLstmConfig = z.infer<typeof unet1dLstmConfig>;

/** Slope of a PReLU below zero before training, as in PyTorch. */
const slope: Initialiser = { kind: 'constant', value: 0.25 };

export const unet1dLstm: ModelFamily<Unet1dLstmConfig> = {
  name: 'unet1d-lstm',
  description: 'Spectral U-Net over frequency with an LSTM along time in every band; the flagship',
  levelDependent: true,
  configSchema: unet1dLstmConfig,
  sampleRate: (config) => config.sampleRate,
  hop: (config) => config.window / 2,
  latency: ({ window, lookahead }) => (1 + lookahead) * (window / 2),

  build(b, audio, config) {
    const { window, lookback, lookahead } = config;
    const newest = analyse(b, audio, window, lookback);
    const spectrum = delayed(b, newest, lookahead);
    let x = encoderInput(b, newest, config);
    const skips: Tensor[] = [];
    config.channels.forEach((channels, level) => {
      x = down(b, `encoder.${level}`, x, channels, config.strides[level]);
      skips.push(x);
    });
    for (let block = 0; block < config.blocks; block++) x = bottleneck(b, `block.${block}`, x, config.hidden);
    for (let level = config.channels.length - 1; level >= 0; level--) {
      const outputs = level > 0 ? config.channels[level - 1] : 2;
      x = up(b, `decoder.${level}`, add(x, skips[level]), outputs, config.strides[level], level === 0);
    }
    return synthesise(b, applyMask(spectrum, x), window, lookback);
  },
};

/**
 * Compressed magnitude, real and imaginary part of the frame to clean, the one before it and those looked ahead at,
 * oldest first: `[batch, frames, bins, 3·(2 + lookahead)]`.
 */
function encoderInput(b: ModelBuilder, newest: Spectrum, { exponent, lookahead }: Unet1dLstmConfig): Tensor {
  const { magnitude, re, im } = compress(newest, exponent);
  const [batch, frames, bins] = magnitude.shape;
  const features = concat(
    [magnitude, re, im].map((part) => reshape(part, [batch, frames, bins, 1])),
    3,
  );
  const all = withPast(b, 'features', features, 1 + lookahead);
  return concat(
    Array.from({ length: 2 + lookahead }, (_, i) => slice(all, 1, i, addDims(frames, i))),
    3,
  );
}

function down(b: ModelBuilder, name: string, x: Tensor, outputs: number, stride: number): Tensor {
  const [batch, frames, bins, inputs] = x.shape as [Tensor['shape'][0], Tensor['shape'][0], number, number];
  const kernel = 2 * stride;
  const flat = reshape(x, [multiplyDims(batch, frames), bins, inputs]);
  const y = normalisedLinear(
    b,
    name,
    outputs,
    (w, bias) => conv1d(flat, w, bias, { kernel, stride, padding: [stride / 2, stride / 2] }),
    [kernel * inputs, outputs],
    byFanIn(kernel * inputs),
  );
  const active = prelu(y, b.weight(`${name}.slope`, [outputs], slope));
  return reshape(active, [batch, frames, bins / stride, outputs]);
}

function up(
  b: ModelBuilder,
  name: string,
  x: Tensor,
  outputs: number,
  stride: number,
  last: boolean,
): Tensor {
  const [batch, frames, bins, inputs] = x.shape as [Tensor['shape'][0], Tensor['shape'][0], number, number];
  const kernel = 2 * stride;
  const flat = reshape(x, [multiplyDims(batch, frames), bins, inputs]);
  const wide = (w: Tensor, bias: Tensor | undefined): Tensor => {
    const y = convTranspose1d(flat, w, bias, kernel, stride);
    return slice(y, 1, stride / 2, bins * stride + stride / 2);
  };
  const shape = [inputs, kernel * outputs];
  let y: Tensor;
  if (last) {
    // Starts as the mask 1 + 0i: an untrained model passes its input through.
    const w = b.weight(`${name}.weight`, shape, { kind: 'uniform', bound: 0.1 / Math.sqrt(2 * inputs) });
    y = wide(w, b.weight(`${name}.bias`, [outputs], { kind: 'values', values: [1, 0] }));
  } else {
    y = normalisedLinear(b, name, outputs, wide, shape, byFanIn(2 * inputs));
    y = prelu(y, b.weight(`${name}.slope`, [outputs], slope));
  }
  return reshape(y, [batch, frames, bins * stride, outputs]);
}

/** Along time in each band, then across the bands, each added to its input: `[batch, frames, bands, channels]`. */
function bottleneck(b: ModelBuilder, name: string, x: Tensor, hidden: number): Tensor {
  const [batch, frames, bands, channels] = x.shape as [
    Tensor['shape'][0],
    Tensor['shape'][0],
    number,
    number,
  ];
  const remembered = lstmLayer(b, `${name}.lstm`, layerNormLayer(b, `${name}.lstm.norm`, x), hidden);
  const y = add(x, linearLayer(b, `${name}.lstm.out`, remembered, channels));
  const flat = reshape(layerNormLayer(b, `${name}.mix.norm`, y), [
    multiplyDims(batch, frames),
    bands,
    channels,
  ]);
  const w = b.weight(`${name}.mix.weight`, [bands, bands], byFanIn(bands));
  const mixed = silu(add(mixAxis(flat, w), b.weight(`${name}.mix.bias`, [bands, 1], zeros)));
  return add(y, linearLayer(b, `${name}.mix.out`, reshape(mixed, x.shape), channels));
}
