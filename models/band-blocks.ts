/** What runs over the bands of a frame; each block is added to its input, `[time, batch, bands, channels]`. */
import { type Dim, multiplyDims } from '../src/graph/dim.js';
import type { Tensor } from '../src/graph/graph.js';
import { add, mul, sigmoid, silu } from '../src/graph/ops/elementwise.js';
import { gatedMean } from '../src/graph/ops/gated-mean.js';
import { linear, mixAxis } from '../src/graph/ops/linear.js';
import { lstm } from '../src/graph/ops/lstm.js';
import { reshape } from '../src/graph/ops/shape.js';
import { byFanIn, zeros } from '../src/nn/initialisers.js';
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

/** A gated mean in each band, and a gate on what is told of it. Weights are shared, memories are not. */
const band: Block = (b, name, x, { hidden }) => {
  const [time, batch, bands, channels] = x.shape as Bands;
  const rows = multiplyDims(batch, bands);
  const shape = [time, rows, hidden];
  const seen = frameNorm(b, `${name}.norm`, x);
  const projected = (part: string, bias: Tensor): Tensor =>
    reshape(linear(seen, b.weight(`${name}.${part}`, [channels, hidden], byFanIn(channels)), bias), shape);
  const start = b.weight(`${name}.keep.bias`, [hidden], {
    kind: 'values',
    values: Array.from({ length: hidden }, (_, unit) => Math.log(LONGEST_MEMORY ** ((unit + 0.5) / hidden))),
  });
  const bias = (part: string): Tensor => b.weight(`${name}.${part}.bias`, [hidden], zeros);
  const keep = sigmoid(projected('keep', start));
  const values = projected('values', bias('values'));
  const told = silu(projected('told', bias('told')));
  const before = reshape(b.state(`${name}.memory`, [bands * hidden]), [rows, hidden]);
  const { sequence, last } = gatedMean(values, keep, before, b.lstmLayout);
  b.nextState(`${name}.memory`, reshape(last, [batch, bands * hidden]));
  const heard = reshape(mul(sequence, told), [time, batch, bands, hidden]);
  return add(x, linearLayer(b, `${name}.out`, heard, channels));
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
