/**
 * The closed-form continuous-time cell (Hasani et al. 2022, arXiv 2106.13898) in the variant of `ncps.torch`: tanh on both
 * heads and σ(+a·t + b) as the gate. The Keras, TensorFlow and MLX variants leave the tanh out and negate a; weights do not
 * carry over between them. One difference in training: dropout follows every backbone layer, where `ncps.torch` drops
 * nothing when there is one layer.
 */
import { fixed, multiplyDims } from '../src/graph/dim.js';
import type { Tensor } from '../src/graph/graph.js';
import {
  abs,
  add,
  exp,
  gelu,
  lecunTanh,
  mul,
  neg,
  offset,
  relu,
  scale,
  sigmoid,
  silu,
  sub,
  tanh,
} from '../src/graph/ops/elementwise.js';
import { linear, matmul } from '../src/graph/ops/linear.js';
import { dropoutMask } from '../src/graph/ops/noise.js';
import { type Cell, type CellWeights, recurrence } from '../src/graph/ops/recurrence.js';
import { reshape, split, transpose } from '../src/graph/ops/shape.js';
import { byFanIn, ones, zeros } from '../src/nn/initialisers.js';
import type { ModelBuilder } from '../src/nn/model-builder.js';

export const CFC_MODES = ['default', 'pure', 'no_gate'] as const;
export const CFC_ACTIVATIONS = { lecun_tanh: lecunTanh, silu, relu, tanh, gelu };
export type CfcActivation = keyof typeof CFC_ACTIVATIONS;

export interface CfcLayerConfig {
  hidden: number;
  mode: (typeof CFC_MODES)[number];
  backboneUnits: number;
  /** 0: the heads see input and state themselves. */
  backboneLayers: number;
  backboneDropout: number;
  activation: CfcActivation;
  /** An LSTM cell first, whose output is the state that the CfC cell sees (Lechner & Hasani 2020, arXiv 2006.04418). */
  mixedMemory: boolean;
  /** Elapsed time per step, scaled; 1 for audio at a fixed rate. */
  elapsed: number;
}

/** Linear parts of the output: two of the state and two of the gate, or one where time decays the state. */
const headCount = (mode: CfcLayerConfig['mode']): number => (mode === 'pure' ? 1 : 4);

/**
 * CfC along time with its memory in the stream's state: `[batch, time, inputs] → [batch, time, hidden]`.
 * @param name prefix of its weights and states
 */
export function cfcLayer(b: ModelBuilder, name: string, x: Tensor, config: CfcLayerConfig): Tensor {
  const { hidden, backboneUnits, backboneLayers, backboneDropout, mixedMemory } = config;
  const [batch, time] = x.shape;
  const inputs = fixed(x.shape[2], `the input of ${name}`);
  const rows = multiplyDims(time, batch);
  const flat = reshape(transpose(x, [1, 0, 2]), [rows, inputs]);
  const weights = cfcWeights(b, name, inputs, config);
  // The input's share of the first layer for all steps at once; only the state's share is left inside the loop.
  const projected = linear(flat, weights.first.input, weights.first.bias);
  const width = fixed(projected.shape[1], 'a projection');
  const scanned = [reshape(projected, [time, batch, width])];
  if (mixedMemory) {
    const memory = linear(
      flat,
      b.weight(`${name}.memory.input`, [inputs, 4 * hidden], xavier(inputs, hidden)),
    );
    scanned.push(reshape(memory, [time, batch, 4 * hidden]));
  }
  if (b.training && backboneDropout > 0) {
    const { seed, site } = b.noiseSite();
    const shape = [time, batch, backboneLayers * backboneUnits].map((dim) => fixed(dim, 'dropout'));
    scanned.push(dropoutMask(seed, site, shape, backboneDropout));
  }
  const states = [b.state(`${name}.h`, [hidden])];
  const loopWeights: Record<string, Tensor> = { ...weights.loop };
  if (mixedMemory) {
    states.push(b.state(`${name}.c`, [hidden]));
    loopWeights.memory = b.weight(`${name}.memory.recurrent`, [hidden, 4 * hidden], xavier(hidden, hidden));
    loopWeights.memoryBias = b.weight(`${name}.memory.bias`, [4 * hidden], zeros);
  }
  const result = recurrence(
    { inputs: scanned, states, weights: loopWeights, cell: cfcCell(config) },
    b.lstmLayout,
  );
  b.nextState(`${name}.h`, result.states[0]);
  if (mixedMemory) b.nextState(`${name}.c`, result.states[1]);
  return transpose(result.sequence, [1, 0, 2]);
}

const xavier = (fanIn: number, fanOut: number) => ({ kind: 'xavier', fanIn, fanOut }) as const;

/** Weights of the heads lie side by side: f1, f2, time a, time b, or f1 alone. */
function cfcWeights(b: ModelBuilder, name: string, inputs: number, config: CfcLayerConfig) {
  const { hidden, mode, backboneUnits: units, backboneLayers } = config;
  const heads = headCount(mode) * hidden;
  const seen = inputs + hidden;
  const [firstWidth, firstName] = backboneLayers > 0 ? [units, 'backbone.0'] : [heads, 'heads'];
  const firstOut = backboneLayers > 0 ? units : hidden;
  const first = b.weight(`${name}.${firstName}.weight`, [seen, firstWidth], xavier(seen, firstOut));
  const bias = b.weight(`${name}.${firstName}.bias`, [firstWidth], byFanIn(seen));
  const [input, recurrent] = split(first, [inputs, hidden], 0);
  const loop: Record<string, Tensor> = { recurrent };
  for (let layer = 1; layer < backboneLayers; layer++) {
    loop[`weight${layer}`] = b.weight(
      `${name}.backbone.${layer}.weight`,
      [units, units],
      xavier(units, units),
    );
    loop[`bias${layer}`] = b.weight(`${name}.backbone.${layer}.bias`, [units], byFanIn(units));
  }
  if (backboneLayers > 0) {
    loop.heads = b.weight(`${name}.heads.weight`, [units, heads], xavier(units, hidden));
    loop.headsBias = b.weight(`${name}.heads.bias`, [heads], byFanIn(units));
  }
  if (mode === 'pure') {
    loop.w_tau = b.weight(`${name}.w_tau`, [1, hidden], zeros);
    loop.A = b.weight(`${name}.A`, [1, hidden], ones);
  }
  return { first: { input, bias }, loop };
}

/** Inputs: projection, with mixed memory the LSTM's, with dropout its mask; states: h, with mixed memory c. */
function cfcCell(config: CfcLayerConfig): Cell<CellWeights> {
  const { hidden, backboneLayers, backboneUnits, mixedMemory } = config;
  const activate = CFC_ACTIVATIONS[config.activation];
  return (inputs, states, w) => {
    const [projected] = inputs;
    const mask = inputs[mixedMemory ? 2 : 1];
    const masks = mask && split(mask, Array<number>(backboneLayers).fill(backboneUnits), 1);
    let [h, c] = states;
    if (mixedMemory) [h, c] = memoryCell(inputs[1], h, c, w, hidden);
    let z = add(projected, matmul(h, w.recurrent));
    for (let layer = 0; layer < backboneLayers; layer++) {
      if (layer > 0) z = linear(z, w[`weight${layer}`], w[`bias${layer}`]);
      z = activate(z);
      if (masks !== undefined) z = mul(z, masks[layer]);
    }
    if (backboneLayers > 0) z = linear(z, w.heads, w.headsBias);
    const next = combineHeads(z, w, config);
    return { states: mixedMemory ? [next, c] : [next], output: next };
  };
}

/** From the heads to the next state. */
function combineHeads(z: Tensor, w: CellWeights, { mode, hidden, elapsed }: CfcLayerConfig): Tensor {
  if (mode === 'pure') {
    const decay = exp(scale(add(abs(z), abs(w.w_tau)), -elapsed));
    return sub(w.A, mul(mul(decay, z), w.A));
  }
  const [f1, f2, a, b] = split(z, Array<number>(4).fill(hidden), 1);
  const s = sigmoid(add(scale(a, elapsed), b));
  const early = mode === 'no_gate' ? tanh(f1) : mul(tanh(f1), offset(neg(s), 1));
  return add(early, mul(s, tanh(f2)));
}

/** LSTM cell with 1 added to the forget gate's sum; gates in the order input, input gate, forget gate, output gate. */
function memoryCell(
  projected: Tensor,
  h: Tensor,
  c: Tensor,
  w: CellWeights,
  hidden: number,
): [Tensor, Tensor] {
  const z = add(projected, linear(h, w.memory, w.memoryBias));
  const [i, ig, fg, og] = split(z, Array<number>(4).fill(hidden), 1);
  const next = add(mul(c, sigmoid(offset(fg, 1))), mul(tanh(i), sigmoid(ig)));
  return [mul(tanh(next), sigmoid(og)), next];
}
