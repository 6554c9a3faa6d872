/**
 * The two networks that training steps are measured and checked on, the same as in the proof of concept and in PyTorch:
 * M, a waveform U-Net with an LSTM (Défossez et al. 2020 in small), and N, an LSTM on features.
 */
import type { Tensor } from '../../src/graph/graph.js';
import { conv1d, convTranspose1d } from '../../src/graph/ops/convolution.js';
import { add, relu, sigmoid } from '../../src/graph/ops/elementwise.js';
import { gatedLinear, linear } from '../../src/graph/ops/linear.js';
import { lstm } from '../../src/graph/ops/lstm.js';
import { pad, slice, transpose } from '../../src/graph/ops/shape.js';
import { zeros } from '../../src/nn/initialisers.js';
import { l1, mse } from '../../src/nn/losses/loss.js';
import type { ModelBuilder } from '../../src/nn/model-builder.js';
import type { BuildLoss } from '../../src/nn/training-graph.js';

const CHANNELS = [1, 24, 48, 96, 96];
const KERNEL = 8;
const STRIDE = 4;

/** A network with its loss: inputs `x` and `y` of these shapes. */
export interface PrototypeModel {
  name: 'M' | 'N';
  buildLoss: BuildLoss;
  x: readonly number[];
  y: readonly number[];
  batch: number;
}

/** Waveform U-Net, 0.4 M weights, mean absolute error: `[batch, samples, 1]`. */
export function modelM(batch = 4, samples = 16_000): PrototypeModel {
  const shape = [batch, samples, 1];
  const buildLoss: BuildLoss = (b) => {
    const x = b.graph.input('x', shape);
    const y = b.graph.input('y', shape);
    let h = pad(x, 1, 0, wholeLength(samples) - samples);
    const skips: Tensor[] = [];
    for (let level = 0; level < 4; level++) {
      const [inputs, outputs] = [CHANNELS[level], CHANNELS[level + 1]];
      const w = b.weight(`enc.${level}.0.weight`, [KERNEL * inputs, outputs], zeros);
      h = relu(
        conv1d(h, w, b.weight(`enc.${level}.0.bias`, [outputs], zeros), { kernel: KERNEL, stride: STRIDE }),
      );
      h = gated(b, `enc.${level}.1`, h);
      skips.push(h);
    }
    h = transpose(recurrent(b, transpose(h, [1, 0, 2]), CHANNELS[4]), [1, 0, 2]);
    for (let level = 0; level < 4; level++) {
      const [inputs, outputs] = [CHANNELS[4 - level], CHANNELS[3 - level]];
      h = gated(b, `dec.${level}.0`, add(h, skips[3 - level]));
      const w = b.weight(`dec.${level}.1.weight`, [inputs, KERNEL * outputs], zeros);
      h = convTranspose1d(h, w, b.weight(`dec.${level}.1.bias`, [outputs], zeros), KERNEL, STRIDE);
      if (level < 3) h = relu(h);
    }
    const estimate = slice(h, 1, 0, samples);
    return { loss: l1(estimate, y), outputs: { estimate } };
  };
  return { name: 'M', buildLoss, x: shape, y: shape, batch };
}

/** LSTM of 64 on 64 features, mean squared error: `[batch, frames, 64]`. */
export function modelN(batch = 16, frames = 50): PrototypeModel {
  const shape = [batch, frames, 64];
  const buildLoss: BuildLoss = (b) => {
    const x = b.graph.input('x', shape);
    const y = b.graph.input('y', shape);
    const remembered = recurrent(b, transpose(x, [1, 0, 2]), 64);
    const out = linear(remembered, b.weight('fc.weight', [64, 64], zeros), b.weight('fc.bias', [64], zeros));
    const estimate = transpose(sigmoid(out), [1, 0, 2]);
    return { loss: mse(estimate, y), outputs: { estimate } };
  };
  return { name: 'N', buildLoss, x: shape, y: shape, batch };
}

/** The shortest length not under `samples` that four levels down and up give back whole. */
function wholeLength(samples: number): number {
  let length = samples;
  for (let level = 0; level < 4; level++) length = Math.max(1, Math.ceil((length - KERNEL) / STRIDE) + 1);
  for (let level = 0; level < 4; level++) length = (length - 1) * STRIDE + KERNEL;
  return length;
}

function gated(b: ModelBuilder, name: string, x: Tensor): Tensor {
  const channels = x.shape[2] as number;
  const w = b.weight(`${name}.weight`, [channels, 2 * channels], zeros);
  return gatedLinear(x, w, b.weight(`${name}.bias`, [2 * channels], zeros));
}

/** `[time, batch, inputs] → [time, batch, hidden]` */
function recurrent(b: ModelBuilder, x: Tensor, hidden: number): Tensor {
  const [, batch, inputs] = x.shape as number[];
  const weights = {
    input: b.weight('lstm.weight_ih_l0', [4 * hidden, inputs], zeros),
    recurrent: b.weight('lstm.weight_hh_l0', [4 * hidden, hidden], zeros),
    bias: b.weight('lstm.bias', [4 * hidden], zeros),
  };
  const zero = b.graph.full([batch, hidden], 0);
  return lstm(x, weights, { h: zero, c: zero }, b.lstmLayout).sequence;
}
