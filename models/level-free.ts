/** What a network sees of a spectrum so that it cannot tell how loud the input is. */
import { addDims } from '../src/graph/dim.js';
import type { Tensor } from '../src/graph/graph.js';
import { div, mul, offset } from '../src/graph/ops/elementwise.js';
import { linear } from '../src/graph/ops/linear.js';
import { runningMean } from '../src/graph/ops/running-mean.js';
import { concat, reshape, slice } from '../src/graph/ops/shape.js';
import { compress, type Spectrum } from '../src/graph/ops/spectral.js';
import type { ModelBuilder } from '../src/nn/model-builder.js';
import { withPast } from './layers.js';

/** |X|² below which a bin counts as silent: −160 dB of one sample's full scale, far below the noise of 16 bits. */
const SILENCE = 1e-16;

/**
 * Compressed magnitude, real and imaginary part, divided by the running mean of the compressed magnitudes of all bins:
 * `[batch, frames, 3, bins]`. The mean starts with the first frame, not with zero: it is divided by the running mean of ones.
 * @param memory share of the mean that stays from frame to frame
 */
export function levelFreeFeatures(
  b: ModelBuilder,
  newest: Spectrum,
  exponent: number,
  memory: number,
): Tensor {
  const g = b.graph;
  const { magnitude, re, im } = compress(newest, exponent, SILENCE);
  const [batch, frames, bins] = magnitude.shape;
  const perFrame = reshape(linear(magnitude, g.full([bins as number, 1], 1 / (bins as number))), [
    batch,
    frames,
  ]);
  const layout = b.lstmLayout === 'kernel' ? 'kernel' : 'matrix';
  const mean = (name: string, x: Tensor): Tensor => {
    const { means, last } = runningMean(x, b.state(name, [1]), memory, layout);
    b.nextState(name, last);
    return means;
  };
  const one = offset(mul(perFrame, g.scalar(0)), 1);
  const level = div(mean('level', perFrame), mean('level.weight', one));
  const parts = concat(
    [magnitude, re, im].map((part) => reshape(part, [batch, frames, 1, bins])),
    2,
  );
  return div(parts, reshape(level, [batch, frames, 1, 1]));
}

/**
 * A frame beside earlier ones: `[batch, frames, planes, bins] → [batch, frames, ages·planes, bins]`.
 * @param ages how many frames back each is, rising from 0
 */
export function framesBack(b: ModelBuilder, name: string, x: Tensor, ages: readonly number[]): Tensor {
  const oldest = Math.max(...ages);
  const all = withPast(b, name, x, oldest);
  return concat(
    ages.map((age) => slice(all, 1, oldest - age, addDims(x.shape[1], oldest - age))),
    2,
  );
}
