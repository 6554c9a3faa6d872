import type { Tensor } from '../src/graph/graph.js';
import type { ModelBuilder } from '../src/nn/model-builder.js';
import { linearLayer, lstmLayer } from './layers.js';

export interface LstmNetworkConfig {
  /** Units per layer. */
  hidden: number;
  layers: number;
  /** Share of values dropped between layers in training; as in PyTorch without effect on a single layer. */
  dropout: number;
  outputs: number;
  /** Steps that the longest memory lasts before training, see `lstmLayer`. Default 0. */
  memory?: number;
}

/**
 * LSTM layers along time and a linear layer on top: `[batch, time, inputs] → [batch, time, outputs]`. Its memory is in
 * the state, so that a sequence can be streamed, or trained chunk by chunk with the state carried and detached.
 * @param name prefix of its weights and states
 */
export function lstmNetwork(
  b: ModelBuilder,
  x: Tensor,
  { hidden, layers, dropout, outputs, memory }: LstmNetworkConfig,
  name = 'lstm',
): Tensor {
  let y = x;
  for (let layer = 0; layer < layers; layer++) {
    if (layer > 0) y = b.dropout(y, dropout);
    y = lstmLayer(b, `${name}.${layer}`, y, hidden, memory);
  }
  return linearLayer(b, `${name}.out`, y, outputs);
}
