import { body, int, ints, type Tensor } from '../graph.js';
import { add, mul, square, sub } from './elementwise.js';
import { matmul } from './linear.js';
import type { LstmLayout, LstmState, LstmWeights } from './lstm-layer.js';
import { sumTo } from './reduce.js';
import { concat, reshape, slice, split } from './shape.js';

/** What the forward pass keeps for the backward pass; all `[time·batch, …]`, time outermost. */
export interface LstmTrace {
  outputs: Tensor;
  /** `[batch, hidden]` */
  lastCell: Tensor;
  cellsBefore: Tensor;
  /** Input, output and forget gate side by side. */
  sigmoids: Tensor;
  tanhCandidate: Tensor;
  tanhCell: Tensor;
}

interface LstmPass {
  flat: Tensor;
  weights: LstmWeights;
  initial: LstmState;
  trace: LstmTrace;
  time: number;
  batch: number;
  hidden: number;
  layout: Exclude<LstmLayout, 'kernel'>;
}

/** What one step of the backward recurrence multiplies with; all of them computed in bulk beforehand. */
interface BackwardCoefficients {
  /** d output / d cell: o·(1 − tanh²c) */
  cellFromOutput: Tensor;
  /** d gate sums / d (cell, output, cell, cell), side by side `[time·batch, 4·hidden]` */
  gates: Tensor;
  forget: Tensor;
}

/** Gradients of `[x, input weights, recurrent weights, bias]`. */
export function lstmBackward(
  pass: LstmPass,
  dOutputs: Tensor | null,
  dLastCell: Tensor | null,
  needed: boolean[],
): (Tensor | null)[] {
  const { flat, weights, initial, trace, time, batch, hidden } = pass;
  const g = flat.graph;
  const [i, o, f] = split(trace.sigmoids, [hidden, hidden, hidden], 1);
  const slope = (s: Tensor): Tensor => sub(s, square(s));
  const oneMinusSquare = (t: Tensor): Tensor => sub(g.scalar(1), square(t));
  const coefficients: BackwardCoefficients = {
    cellFromOutput: mul(o, oneMinusSquare(trace.tanhCell)),
    gates: concat(
      [
        mul(trace.tanhCandidate, slope(i)),
        mul(trace.tanhCell, slope(o)),
        mul(trace.cellsBefore, slope(f)),
        mul(i, oneMinusSquare(trace.tanhCandidate)),
      ],
      1,
    ),
    forget: f,
  };
  const dy = dOutputs ?? g.full([time * batch, hidden], 0);
  const dc = dLastCell ?? g.full([batch, hidden], 0);
  const dz =
    pass.layout === 'scan'
      ? scanBackward(pass, coefficients, dy, dc)
      : unrolledBackward(pass, coefficients, dy, dc);
  const outputsBefore =
    time === 1 ? initial.h : concat([initial.h, slice(trace.outputs, 0, 0, (time - 1) * batch)], 0);
  return [
    needed[0] ? matmul(dz, weights.input) : null,
    needed[1] ? matmul(dz, flat, true) : null,
    needed[2] ? matmul(dz, outputsBefore, true) : null,
    needed[3] ? sumTo(dz, weights.bias.shape) : null,
  ];
}

function unrolledBackward(
  pass: LstmPass,
  k: BackwardCoefficients,
  dOutputs: Tensor,
  dLastCell: Tensor,
): Tensor {
  const { weights, time, batch, hidden } = pass;
  const g = dOutputs.graph;
  const perStep = (t: Tensor): Tensor[] => split(t, Array<number>(time).fill(batch), 0);
  const [dys, cells, gates, forgets] = [dOutputs, k.cellFromOutput, k.gates, k.forget].map(perStep);
  const dzs: Tensor[] = [];
  let dz: Tensor | undefined;
  let carried = dLastCell;
  for (let t = time - 1; t >= 0; t--) {
    const dh = dz === undefined ? dys[t] : g.emit1('Gemm', [dz, weights.recurrent, dys[t]], [batch, hidden]);
    const dc = add(mul(dh, cells[t]), carried);
    carried = mul(dc, forgets[t]);
    dz = mul(concat([dc, dh, dc, dc], 1), gates[t]);
    dzs.unshift(dz);
  }
  return concat(dzs, 0);
}

function scanBackward(pass: LstmPass, k: BackwardCoefficients, dOutputs: Tensor, dLastCell: Tensor): Tensor {
  const { weights, time, batch, hidden } = pass;
  const g = dOutputs.graph;
  const loop = g.subgraph();
  const id = `${k.gates.name}_back`;
  const dzAfter = loop.input(`${id}_dz`, [batch, 4 * hidden]);
  const dcAfter = loop.input(`${id}_dc`, [batch, hidden]);
  const dy = loop.input(`${id}_dy`, [batch, hidden]);
  const cellFromOutput = loop.input(`${id}_a`, [batch, hidden]);
  const gates = loop.input(`${id}_k`, [batch, 4 * hidden]);
  const forget = loop.input(`${id}_f`, [batch, hidden]);
  loop.withoutRecording(() => {
    const dh = loop.emit1('Gemm', [dzAfter, weights.recurrent, dy], [batch, hidden]);
    const dc = add(mul(dh, cellFromOutput), dcAfter);
    const dz = mul(concat([dc, dh, dc, dc], 1), gates);
    loop.output(`${id}_out_dz`, dz);
    loop.output(`${id}_out_dc`, mul(dc, forget));
    loop.output(`${id}_out_dzs`, dz);
  });
  const stack = (t: Tensor): Tensor => reshape(t, [time, batch, t.shape[1]]);
  const [, , dzs] = g.emit(
    'Scan',
    [
      g.full([batch, 4 * hidden], 0),
      dLastCell,
      stack(dOutputs),
      stack(k.cellFromOutput),
      stack(k.gates),
      stack(k.forget),
    ],
    [
      [batch, 4 * hidden],
      [batch, hidden],
      [time, batch, 4 * hidden],
    ],
    {
      num_scan_inputs: int(4),
      scan_input_directions: ints([1, 1, 1, 1]),
      scan_output_directions: ints([1]),
      body: body(loop, 'lstm_backward'),
    },
  );
  return reshape(dzs, [time * batch, 4 * hidden]);
}
