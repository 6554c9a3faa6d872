/** A frame cut into bands, and bands put together to a frame again. Bands of one zone are equally wide and share weights. */
import { type Dim, multiplyDims } from '../src/graph/dim.js';
import type { Tensor } from '../src/graph/graph.js';
import { add, relu } from '../src/graph/ops/elementwise.js';
import { linear } from '../src/graph/ops/linear.js';
import { concat, reshape, slice, split, transpose } from '../src/graph/ops/shape.js';
import { byFanIn, type Initialiser } from '../src/nn/initialisers.js';
import type { ModelBuilder } from '../src/nn/model-builder.js';
import { frameNorm } from './band-blocks.js';
import { linearLayer } from './layers.js';

/** Bins of a band, and how many such bands. */
export type Zone = readonly [width: number, bands: number];

/**
 * Every band as a row of channels: a product with the weights of its zone and a bias of its own. Time comes outermost, so
 * that memories along time need no transposition. `[batch, frames, planes, bins] → [frames, batch, bands, channels]`.
 */
export function splitBands(
  b: ModelBuilder,
  name: string,
  x: Tensor,
  zones: readonly Zone[],
  channels: number,
): Tensor {
  const [batch, frames, planes] = x.shape as [Dim, Dim, number, number];
  let first = 0;
  const parts = zones.map(([width, bands], i) => {
    const own = slice(x, 3, first, first + width * bands);
    first += width * bands;
    const timeFirst = transpose(own, [1, 0, 2, 3]);
    const rows = transpose(
      reshape(timeFirst, [multiplyDims(frames, batch), planes, bands, width]),
      [0, 2, 1, 3],
    );
    const inputs = planes * width;
    const w = b.weight(`${name}.${i}.weight`, [inputs, channels], byFanIn(inputs));
    return linear(reshape(rows, [frames, batch, bands, inputs]), w);
  });
  const bands = zones.reduce((sum, [, count]) => sum + count, 0);
  return add(concat(parts, 2), b.weight(`${name}.bias`, [bands, channels], byFanIn(channels)));
}

/** Before training a filter gives the newest frame as it is: 1 in the first plane, 0 in the others. */
const passThrough = (planes: number, zones: readonly Zone[]): Initialiser => ({
  kind: 'values',
  values: zones.flatMap(([width, bands]) =>
    Array.from({ length: bands * planes * width }, (_, i) => (Math.floor(i / width) % planes === 0 ? 1 : 0)),
  ),
});

/** The way back: `[frames, batch, bands, channels] → [batch, frames, planes, bins]`, through one hidden layer. */
export function joinBands(
  b: ModelBuilder,
  name: string,
  x: Tensor,
  zones: readonly Zone[],
  planes: number,
): Tensor {
  const [frames, batch, , channels] = x.shape as [Dim, Dim, number, number];
  const inner = relu(linearLayer(b, `${name}.hidden`, frameNorm(b, `${name}.norm`, x), 2 * channels));
  const inputs = 2 * channels;
  const parts = split(
    inner,
    zones.map(([, bands]) => bands),
    2,
  ).map((own, i) => {
    const [width, bands] = zones[i];
    const w = b.weight(`${name}.${i}.weight`, [inputs, planes * width], {
      kind: 'uniform',
      bound: 0.1 / Math.sqrt(inputs),
    });
    const bias = b.weight(`${name}.${i}.bias`, [bands, planes * width], passThrough(planes, [zones[i]]));
    const y = add(linear(own, w), bias);
    const rows = multiplyDims(frames, batch);
    const perPlane = transpose(reshape(y, [rows, bands, planes, width]), [0, 2, 1, 3]);
    return reshape(perPlane, [rows, planes, bands * width]);
  });
  const all = concat(parts, 2);
  return transpose(reshape(all, [frames, batch, planes, all.shape[2]]), [1, 0, 2, 3]);
}
