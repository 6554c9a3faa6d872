/**
 * Long short-term memory (Hochreiter & Schmidhuber 1997), gates in ONNX's order input, output, forget, cell — the three
 * sigmoids side by side — and one bias where PyTorch keeps two.
 */
import { fixed, multiplyDims } from '../dim.js';
import { body, type Graph, int, type Tensor } from '../graph.js';
import { add, mul } from './elementwise.js';
import { linear } from './linear.js';
import { type LstmTrace, lstmBackward } from './lstm-backward.js';
import type { LstmLayout, LstmState, LstmWeights } from './lstm-layer.js';
import { concat, reshape, slice, split, transpose } from './shape.js';

export type { LstmLayout } from './lstm-layer.js';

export interface LstmResult extends LstmState {
  /** `[time, batch, hidden]` */
  sequence: Tensor;
}

/**
 * @param x `[time, batch, inputs]`
 * @param initial state before the first step; no gradient flows into it (truncated back-propagation through time)
 */
export function lstm(x: Tensor, weights: LstmWeights, initial: LstmState, layout: LstmLayout): LstmResult {
  return layout === 'kernel' ? kernelLstm(x, weights, initial) : trainableLstm(x, weights, initial, layout);
}

function kernelLstm(x: Tensor, { input, recurrent, bias }: LstmWeights, { h, c }: LstmState): LstmResult {
  const g = x.graph;
  const [time, batch, inputs] = x.shape;
  const rows = fixed(recurrent.shape[0], 'LSTM weights');
  const hidden = rows / 4;
  const bias8 = concat([bias, g.full([rows], 0)], 0);
  const [y, hn, cn] = g.emit(
    'LSTM',
    [
      x,
      reshape(input, [1, rows, inputs]),
      reshape(recurrent, [1, rows, hidden]),
      reshape(bias8, [1, 2 * rows]),
      null,
      reshape(h, [1, batch, hidden]),
      reshape(c, [1, batch, hidden]),
    ],
    [
      [time, 1, batch, hidden],
      [1, batch, hidden],
      [1, batch, hidden],
    ],
    { hidden_size: int(hidden) },
  );
  return {
    sequence: reshape(y, [time, batch, hidden]),
    h: reshape(hn, [batch, hidden]),
    c: reshape(cn, [batch, hidden]),
  };
}

function trainableLstm(
  x: Tensor,
  weights: LstmWeights,
  initial: LstmState,
  layout: 'scan' | 'unroll',
): LstmResult {
  const g = x.graph;
  const time = fixed(x.shape[0], 'the time axis of an LSTM in training');
  const batch = fixed(x.shape[1], 'the batch axis of an LSTM in training');
  const hidden = fixed(weights.recurrent.shape[1], 'LSTM units');
  const rows = multiplyDims(time, batch);
  const flat = reshape(x, [rows, x.shape[2]]);
  const trace = g.withoutRecording(() => {
    // The input's share of all gates at once; only the recurrent product is left inside the loop.
    const projected = linear(flat, transpose(weights.input, [1, 0]), weights.bias);
    const recurrent = transpose(weights.recurrent, [1, 0]);
    return layout === 'scan'
      ? scanForward(g, projected, recurrent, initial, time, batch, hidden)
      : unrolledForward(projected, recurrent, initial, time, batch, hidden);
  });
  const { input, recurrent, bias } = weights;
  g.record([flat, input, recurrent, bias], [trace.outputs, trace.lastCell], ([dOutputs, dLastCell], needed) =>
    lstmBackward({ flat, weights, initial, trace, time, batch, hidden, layout }, dOutputs, dLastCell, needed),
  );
  const sequence = reshape(trace.outputs, [time, batch, hidden]);
  const h = reshape(slice(sequence, 0, time - 1, time), [batch, hidden]);
  return { sequence, h, c: trace.lastCell };
}

/** One step from the gates' sums `z` `[batch, 4·hidden]` and the cell before. */
function cell(g: Graph, z: Tensor, before: Tensor, hidden: number) {
  const [sums, candidate] = split(z, [3 * hidden, hidden], 1);
  const sigmoids = g.emit1('Sigmoid', [sums], sums.shape);
  const tanhCandidate = g.emit1('Tanh', [candidate], candidate.shape);
  const [i, o, f] = split(sigmoids, [hidden, hidden, hidden], 1);
  const c = add(mul(f, before), mul(i, tanhCandidate));
  const tanhCell = g.emit1('Tanh', [c], c.shape);
  return { c, h: mul(o, tanhCell), sigmoids, tanhCandidate, tanhCell };
}

function unrolledForward(
  projected: Tensor,
  recurrent: Tensor,
  initial: LstmState,
  time: number,
  batch: number,
  hidden: number,
): LstmTrace {
  const g = projected.graph;
  let { h, c } = initial;
  const steps = split(projected, Array<number>(time).fill(batch), 0).map((x) => {
    const before = c;
    const z = g.emit1('Gemm', [h, recurrent, x], [batch, 4 * hidden]);
    const step = cell(g, z, before, hidden);
    ({ h, c } = step);
    return { ...step, before };
  });
  const all = (pick: (step: (typeof steps)[number]) => Tensor): Tensor => concat(steps.map(pick), 0);
  return {
    outputs: all((s) => s.h),
    lastCell: c,
    cellsBefore: all((s) => s.before),
    sigmoids: all((s) => s.sigmoids),
    tanhCandidate: all((s) => s.tanhCandidate),
    tanhCell: all((s) => s.tanhCell),
  };
}

function scanForward(
  g: Graph,
  projected: Tensor,
  recurrent: Tensor,
  initial: LstmState,
  time: number,
  batch: number,
  hidden: number,
): LstmTrace {
  const loop = g.subgraph();
  const id = projected.name;
  const h = loop.input(`${id}_h`, [batch, hidden]);
  const before = loop.input(`${id}_c`, [batch, hidden]);
  const x = loop.input(`${id}_x`, [batch, 4 * hidden]);
  loop.withoutRecording(() => {
    const z = loop.emit1('Gemm', [h, recurrent, x], [batch, 4 * hidden]);
    const step = cell(loop, z, before, hidden);
    const outputs = {
      h: step.h,
      c: step.c,
      y: step.h,
      s: step.sigmoids,
      g: step.tanhCandidate,
      q: step.tanhCell,
      b: before,
    };
    for (const [name, value] of Object.entries(outputs)) loop.output(`${id}_out_${name}`, value);
  });
  const stacked = (width: number) => [time, batch, width];
  const [, lastCell, ...traces] = g.emit(
    'Scan',
    [initial.h, initial.c, reshape(projected, stacked(4 * hidden))],
    [
      [batch, hidden],
      [batch, hidden],
      stacked(hidden),
      stacked(3 * hidden),
      stacked(hidden),
      stacked(hidden),
      stacked(hidden),
    ],
    { num_scan_inputs: int(1), body: body(loop, 'lstm') },
  );
  const [outputs, sigmoids, tanhCandidate, tanhCell, cellsBefore] = traces.map((t) =>
    reshape(t, [time * batch, t.shape[2]]),
  );
  return { outputs, lastCell, cellsBefore, sigmoids, tanhCandidate, tanhCell };
}
