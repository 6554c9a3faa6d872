/** What runs over the bands of a frame; each block is added to its input, `[time, batch, bands, channels]`. */
import { type Dim, multiplyDims } from '../src/graph/dim.js';
import type { Tensor } from '../src/graph/graph.js';
import { add, mul, sigmoid, silu, sub } from '../src/graph/ops/elementwise.js';
import { linear, mixAxis } from '../src/graph/ops/linear.js';
import { lstm } from '../src/graph/ops/lstm.js';
import { type Cell, recurrence } from '../src/graph/ops/recurrence.js';
import { concat, reshape, split } from '../src/graph/ops/shape.js';
import { byFanIn, type Initialiser, zeros } from '../src/nn/initialisers.js';
import type { ModelBuilder } from '../src/nn/model-builder.js';
import { layerNormLayer, linearLayer } from './layers.js';

type Bands = [time: Dim, batch: Dim, bands: number, channels: number];

interface BlockSizes {
  hidden: number;
  wide: number;
}

type Block = (b: ModelBuilder, name: string, x: Tensor, sizes: BlockSizes) => Tensor;

/** Layer normalisation of a whole frame, all bands together: it keeps how they differ, and each has a gain and bias of its own. */
export function frameNorm(b: ModelBuilder, name: string, x: Tensor): Tensor {
  const [time, batch, bands, channels] = x.shape as Bands;
  return reshape(layerNormLayer(b, name, reshape(x, [time, batch, bands * channels])), x.shape);
}

/** Gates start so that memories last from 2 to this many frames, about a second. */
const LONGEST_MEMORY = 64;

const memoriesOf = (units: number): Initialiser => ({
  kind: 'values',
  values: Array.from({ length: units }, (_, unit) => Math.log(LONGEST_MEMORY ** ((unit + 0.5) / units))),
});

/**
 * One step of a mean that decides by itself, unit by unit, how much of the past it keeps, and how much of it is told:
 * `h ← keep·h + (1 − keep)·value`, a GRU whose gate and candidate depend on the input alone ("minGRU", Feng et al. 2024,
 * arXiv 2410.01201). Products with weights are done in bulk beforehand: the loop holds what fits the cache.
 */
const gatedMean: Cell<Record<never, Tensor>> = ([sums], [before]) => {
  const [rows, units] = before.shape as [Dim, number];
  const parts = split(reshape(sums, [rows, 3 * units]), [units, units, units], 1);
  const [keep, value, told] = [sigmoid(parts[0]), parts[1], silu(parts[2])];
  const next = add(value, mul(keep, sub(before, value)));
  return { states: [next], output: mul(next, told) };
};

/** A gated mean in each band. Weights are shared, memories are not. */
const band: Block = (b, name, x, { hidden }) => {
  const [time, batch, bands, channels] = x.shape as Bands;
  const rows = multiplyDims(batch, bands);
  const seen = frameNorm(b, `${name}.norm`, x);
  const weights = ['keep', 'values', 'told'].map((part) => ({
    bias: b.weight(`${name}.${part}.bias`, [hidden], part === 'keep' ? memoriesOf(hidden) : zeros),
    w: b.weight(`${name}.${part}.weight`, [channels, hidden], byFanIn(channels)),
  }));
  const sums = linear(
    seen,
    concat(
      weights.map(({ w }) => w),
      1,
    ),
    concat(
      weights.map(({ bias }) => bias),
      0,
    ),
  );
  const { sequence, states } = recurrence(
    {
      inputs: [reshape(sums, [time, rows, 3 * hidden])],
      states: [reshape(b.state(`${name}.memory`, [bands * hidden]), [rows, hidden])],
      weights: {},
      cell: gatedMean,
    },
    b.lstmLayout,
  );
  b.nextState(`${name}.memory`, reshape(states[0], [batch, bands * hidden]));
  return add(x, linearLayer(b, `${name}.out`, reshape(sequence, [time, batch, bands, hidden]), channels));
};

/** An LSTM in each band, with shared weights. */
const bandLstm: Block = (b, name, x, { hidden }) => {
  const remembered = timeLstm(b, name, frameNorm(b, `${name}.norm`, x), hidden);
  return add(x, linearLayer(b, `${name}.out`, remembered, x.shape[3] as number));
};

/** An LSTM over all channels of all bands at once: the large products, and the whole view. */
const wide: Block = (b, name, x, { wide: units }) => {
  const [time, batch, bands, channels] = x.shape as Bands;
  const width = bands * channels;
  const all = reshape(frameNorm(b, `${name}.norm`, x), [time, batch, 1, width]);
  const told = linearLayer(b, `${name}.out`, timeLstm(b, name, all, units), width);
  return add(x, reshape(told, x.shape));
};

/** Every frame by itself: each channel mixed across the bands. */
const mix: Block = (b, name, x) => {
  const [time, batch, bands, channels] = x.shape as Bands;
  const flat = reshape(frameNorm(b, `${name}.norm`, x), [multiplyDims(time, batch), bands, channels]);
  const w = b.weight(`${name}.weight`, [bands, bands], byFanIn(bands));
  const mixed = silu(add(mixAxis(flat, w), b.weight(`${name}.bias`, [bands, 1], zeros)));
  return add(x, linearLayer(b, `${name}.out`, reshape(mixed, x.shape), channels));
};

export const blocks = { band, lstm: bandLstm, wide, mix } satisfies Record<string, Block>;

/** LSTM along time: `[time, batch, lanes, inputs] → [time, batch, lanes, hidden]`; a memory for each lane. */
function timeLstm(b: ModelBuilder, name: string, x: Tensor, hidden: number): Tensor {
  const [time, batch, lanes, inputs] = x.shape as Bands;
  const rows = multiplyDims(batch, lanes);
  const start = (part: string): Tensor =>
    reshape(b.state(`${name}.${part}`, [lanes * hidden]), [rows, hidden]);
  const initial = { h: start('h'), c: start('c') };
  const weights = {
    input: b.weight(`${name}.input`, [4 * hidden, inputs], byFanIn(hidden)),
    recurrent: b.weight(`${name}.recurrent`, [4 * hidden, hidden], byFanIn(hidden)),
    bias: b.weight(`${name}.bias`, [4 * hidden], byFanIn(hidden)),
  };
  const { sequence, h, c } = lstm(reshape(x, [time, rows, inputs]), weights, initial, b.lstmLayout);
  b.nextState(`${name}.h`, reshape(h, [batch, lanes * hidden]));
  b.nextState(`${name}.c`, reshape(c, [batch, lanes * hidden]));
  return reshape(sequence, [time, batch, lanes, hidden]);
}
