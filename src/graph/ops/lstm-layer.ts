/** What an LSTM layer is made of, for the forward and the backward pass. */
import type { Tensor } from '../graph.js';

export interface LstmWeights {
  /** `[4·hidden, inputs]` */
  input: Tensor;
  /** `[4·hidden, hidden]` */
  recurrent: Tensor;
  /** `[4·hidden]` */
  bias: Tensor;
}

export interface LstmState {
  /** `[batch, hidden]` */
  h: Tensor;
  /** `[batch, hidden]` */
  c: Tensor;
}

/**
 * How the recurrence is built into the graph: `kernel` is ONNX's own operator (inference only: its backward pass does not
 * exist), `scan` a `Scan` (training on the CPU), `unroll` one copy a step (training on WebGPU, where `Scan` is 40× slower).
 */
export type LstmLayout = 'kernel' | 'scan' | 'unroll';
