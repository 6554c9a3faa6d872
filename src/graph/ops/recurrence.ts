/**
 * A recurrence of any cell along time, differentiable through time. Training keeps the states before every step and builds
 * the cell a second time in the loop that runs backward, so that memory grows with the state and not with what the cell
 * computes on the way.
 */
import { fixed, type Shape } from '../dim.js';
import { body, type Graph, int, ints, type Tensor } from '../graph.js';
import { add } from './elementwise.js';
import type { LstmLayout } from './lstm.js';
import { concat, reshape, split } from './shape.js';

export type CellWeights = Readonly<Record<string, Tensor>>;

/**
 * One step: inputs and states `[batch, …]` at this step → states after it and the output. It must take every tensor from
 * its arguments, for it is built inside of loops, and give every state its own shape back.
 */
export type Cell<Weights extends CellWeights> = (
  inputs: readonly Tensor[],
  states: readonly Tensor[],
  weights: Weights,
) => { states: readonly Tensor[]; output: Tensor };

export interface Recurrence<Weights extends CellWeights> {
  /** `[time, batch, …]` each */
  inputs: readonly Tensor[];
  /** Before the first step, `[batch, …]` each; no gradient flows into them (truncated back-propagation through time). */
  states: readonly Tensor[];
  weights: Weights;
  cell: Cell<Weights>;
}

export interface RecurrenceResult {
  /** Outputs `[time, batch, …]` */
  sequence: Tensor;
  /** After the last step. */
  states: readonly Tensor[];
}

/** @param layout as for LSTMs; `kernel` is a `Scan` that keeps nothing for a backward pass */
export function recurrence<Weights extends CellWeights>(
  what: Recurrence<Weights>,
  layout: LstmLayout,
): RecurrenceResult {
  return layout === 'unroll' ? unrolled(what) : scanned(what, layout === 'scan');
}

function unrolled<Weights extends CellWeights>({
  inputs,
  states: initial,
  weights,
  cell,
}: Recurrence<Weights>): RecurrenceResult {
  const time = fixed(inputs[0].shape[0], 'the time axis of an unrolled recurrence');
  const perStep = inputs.map((x) =>
    split(x, Array<number>(time).fill(1), 0).map((step) => reshape(step, x.shape.slice(1))),
  );
  let states = initial;
  const outputs = Array.from({ length: time }, (_, t) => {
    const step = cell(
      perStep.map((steps) => steps[t]),
      states,
      weights,
    );
    ({ states } = step);
    return reshape(step.output, [1, ...step.output.shape]);
  });
  return { sequence: concat(outputs, 0), states };
}

function scanned<Weights extends CellWeights>(
  what: Recurrence<Weights>,
  trainable: boolean,
): RecurrenceResult {
  const { inputs, states } = what;
  const g = inputs[0].graph;
  const time = inputs[0].shape[0];
  const loop = g.subgraph();
  const step = loop.withoutRecording(() => buildCell(loop, 'forward', what));
  step.next.forEach((next, i) => {
    loop.output(`${step.id}_next${i}`, next);
  });
  loop.output(`${step.id}_y`, step.output);
  if (trainable)
    step.states.forEach((before, i) => {
      loop.output(`${step.id}_before${i}`, before);
    });
  const stacked = (shape: Shape): Shape => [time, ...shape];
  const shapes = states.map(({ shape }) => shape);
  const results = g.emit(
    'Scan',
    [...states, ...inputs],
    [...shapes, stacked(step.output.shape), ...(trainable ? shapes.map(stacked) : [])],
    { num_scan_inputs: int(inputs.length), body: body(loop, 'recurrence') },
  );
  const finals = results.slice(0, states.length);
  const sequence = results[states.length];
  const before = results.slice(states.length + 1);
  if (trainable) {
    const weights = Object.values(what.weights);
    g.record([...inputs, ...weights], [sequence, ...finals], ([dSequence, ...dFinals], needed) =>
      scanBackward(what, before, step.output.shape, dSequence, dFinals, needed),
    );
  }
  return { sequence, states: finals };
}

/** The cell in the body of a loop, over inputs of its own. */
function buildCell<Weights extends CellWeights>(loop: Graph, pass: string, what: Recurrence<Weights>) {
  const id = `${pass}_${what.inputs[0].name}_${what.states[0].name}`;
  const states = what.states.map(({ shape }, i) => loop.input(`${id}_s${i}`, shape));
  const inputs = what.inputs.map(({ shape }, i) => loop.input(`${id}_x${i}`, shape.slice(1)));
  const weights = Object.fromEntries(
    Object.entries(what.weights).map(([name, weight]) => [name, loop.adopt(weight)]),
  ) as unknown as Weights;
  const { states: next, output } = what.cell(inputs, states, weights);
  return { id, states, inputs, weights: Object.values(weights), next, output };
}

/** Gradients of inputs and weights: from the last step to the first, each from its inputs and the states before it. */
function scanBackward<Weights extends CellWeights>(
  what: Recurrence<Weights>,
  before: readonly Tensor[],
  outputShape: Shape,
  dSequence: Tensor | null,
  dFinals: readonly (Tensor | null)[],
  needed: readonly boolean[],
): (Tensor | null)[] {
  const { inputs, states } = what;
  const weights = Object.values(what.weights);
  const g = inputs[0].graph;
  const zeros = (shape: Shape): Tensor =>
    g.full(
      shape.map((dim) => fixed(dim, 'a recurrence in training')),
      0,
    );
  const learnt = weights.map((_, i) => i).filter((i) => needed[inputs.length + i]);
  const loop = g.subgraph();
  const id = `backward_${inputs[0].name}_${states[0].name}`;
  // ONNX wants the carried values in front: gradients of the states, then the sums for the weights.
  const dNext = states.map(({ shape }, i) => loop.input(`${id}_d${i}`, shape));
  const sums = learnt.map((i) => loop.input(`${id}_w${i}`, weights[i].shape));
  const step = buildCell(loop, 'again', what);
  const dOutput = loop.input(`${id}_dy`, outputShape);
  loop.withoutRecording(() => {
    const wanted = [...step.states, ...learnt.map((i) => step.weights[i]), ...step.inputs];
    const gradients = loop.pullBack([step.output, ...step.next], [dOutput, ...dNext], wanted);
    wanted.forEach((tensor, i) => {
      const sum = sums[i - states.length];
      const gradient = gradients[i] ?? loop.adopt(zeros(tensor.shape));
      loop.output(`${id}_out${i}`, sum === undefined ? gradient : add(sum, gradient));
    });
  });
  const reversed = inputs.length + states.length + 1;
  const time = inputs[0].shape[0];
  const [...results] = g.emit(
    'Scan',
    [
      ...dFinals.map((d, i) => d ?? zeros(states[i].shape)),
      ...learnt.map((i) => zeros(weights[i].shape)),
      ...before,
      ...inputs,
      dSequence ?? zeros([time, ...outputShape]),
    ],
    [
      ...states.map(({ shape }) => shape),
      ...learnt.map((i) => weights[i].shape),
      ...inputs.map((x) => x.shape),
    ],
    {
      num_scan_inputs: int(reversed),
      scan_input_directions: ints(Array<number>(reversed).fill(1)),
      scan_output_directions: ints(Array<number>(inputs.length).fill(1)),
      body: body(loop, 'recurrence backward'),
    },
  );
  const dInputs = results.slice(states.length + learnt.length);
  const dWeights = weights.map((_, i) =>
    learnt.includes(i) ? results[states.length + learnt.indexOf(i)] : null,
  );
  return [...dInputs, ...dWeights];
}
