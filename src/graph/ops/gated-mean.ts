/**
 * A recurrence without a product inside its loop: a running mean that decides at every step, for every unit by itself,
 * how much of the past it keeps. Everything but two operations a step is done in bulk, forward and backward.
 */
import { fixed, multiplyDims } from '../dim.js';
import { body, type Graph, int, ints, type Tensor } from '../graph.js';
import { add, mul, sub } from './elementwise.js';
import type { LstmLayout } from './lstm.js';
import { concat, reshape, slice, split } from './shape.js';

export interface GatedMeanResult {
  /** The mean after every step, `[time, rows, units]`. */
  sequence: Tensor;
  /** After the last step, `[rows, units]`. */
  last: Tensor;
}

/**
 * `h[t] = keep[t]·h[t−1] + (1 − keep[t])·values[t]`: a GRU whose gate and candidate depend on the input alone ("minGRU",
 * Feng et al. 2024, arXiv 2410.01201; before it SRU and QRNN).
 * @param values `[time, rows, units]`
 * @param keep the same shape, 0…1
 * @param initial `[rows, units]`; no gradient flows into it (truncated back-propagation through time)
 */
export function gatedMean(
  values: Tensor,
  keep: Tensor,
  initial: Tensor,
  layout: LstmLayout,
): GatedMeanResult {
  const g = values.graph;
  const [time, rows, units] = values.shape;
  const step = [rows, units];
  const { sequence, last } = g.withoutRecording(() => {
    const added = mul(sub(g.scalar(1), keep), values);
    return filtered(g, keep, added, initial, layout);
  });
  g.record([values, keep], [sequence, last], ([dSequence, dLast], needed) => {
    const steps = fixed(time, 'the time axis of a gated mean in training');
    const none = (shape: readonly number[]): Tensor => g.full(shape, 0);
    const dy = dSequence ?? none([steps, fixed(rows, 'rows'), fixed(units, 'units')]);
    const end = reshape(dLast ?? none([fixed(rows, 'rows'), fixed(units, 'units')]), [1, ...step]);
    // The gradient of h[t] is dy[t] + keep[t+1]·(that of h[t+1]): the same filter, backward.
    const later = steps === 1 ? none([1, rows as number, units as number]) : undefined;
    const keepNext =
      later ?? concat([slice(keep, 0, 1, steps), none([1, rows as number, units as number])], 0);
    const incoming =
      steps === 1
        ? add(dy, end)
        : concat([slice(dy, 0, 0, steps - 1), add(slice(dy, 0, steps - 1, steps), end)], 0);
    const zero = none([fixed(rows, 'rows'), fixed(units, 'units')]);
    const dh = filtered(g, keepNext, incoming, zero, layout, true).sequence;
    const before = reshape(initial, [1, ...step]);
    const past = steps === 1 ? before : concat([before, slice(sequence, 0, 0, steps - 1)], 0);
    return [
      needed[0] ? mul(dh, sub(g.scalar(1), keep)) : null,
      needed[1] ? mul(dh, sub(past, values)) : null,
    ];
  });
  return { sequence, last };
}

/** `y[t] = factor[t]·y[t−1] + x[t]`, or from the last step to the first. */
function filtered(
  g: Graph,
  factor: Tensor,
  x: Tensor,
  initial: Tensor,
  layout: LstmLayout,
  backward = false,
): GatedMeanResult {
  return layout === 'unroll'
    ? unrolled(factor, x, initial, backward)
    : scanned(g, factor, x, initial, backward);
}

function unrolled(factor: Tensor, x: Tensor, initial: Tensor, backward: boolean): GatedMeanResult {
  const time = fixed(x.shape[0], 'the time axis of an unrolled gated mean');
  const steps = (t: Tensor): Tensor[] =>
    split(t, Array<number>(time).fill(1), 0).map((part) => reshape(part, initial.shape));
  const [factors, xs] = [steps(factor), steps(x)];
  const results: Tensor[] = [];
  let y = initial;
  for (let i = 0; i < time; i++) {
    const t = backward ? time - 1 - i : i;
    y = add(mul(factors[t], y), xs[t]);
    results[t] = reshape(y, [1, ...initial.shape]);
  }
  return { sequence: concat(results, 0), last: y };
}

function scanned(g: Graph, factor: Tensor, x: Tensor, initial: Tensor, backward: boolean): GatedMeanResult {
  const loop = g.subgraph();
  const id = `${x.name}_${backward ? 'back' : 'mean'}`;
  // One long row a step: the runtime's kernels need no loop of their own over rows.
  const [time, rows, units] = x.shape;
  const width = multiplyDims(rows, units);
  const flat = (t: Tensor): Tensor => reshape(t, [time, width]);
  const before = loop.input(`${id}_y`, [width]);
  const f = loop.input(`${id}_f`, [width]);
  const added = loop.input(`${id}_x`, [width]);
  loop.withoutRecording(() => {
    const y = add(mul(f, before), added);
    loop.output(`${id}_next`, y);
    loop.output(`${id}_out`, y);
  });
  const direction = ints([backward ? 1 : 0, backward ? 1 : 0]);
  const [last, sequence] = g.emit(
    'Scan',
    [reshape(initial, [width]), flat(factor), flat(x)],
    [[width], [time, width]],
    {
      num_scan_inputs: int(2),
      scan_input_directions: direction,
      scan_output_directions: ints([backward ? 1 : 0]),
      body: body(loop, 'gated mean'),
    },
  );
  return { sequence: reshape(sequence, x.shape), last: reshape(last, initial.shape) };
}
