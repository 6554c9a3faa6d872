/** A differentiable relative of ESTOI, to train on what makes speech understood. */
import { fixed } from '../../graph/dim.js';
import type { Tensor } from '../../graph/graph.js';
import { unfold } from '../../graph/ops/convolution.js';
import { add, div, mul, offset, scale, sqrt, square, sub } from '../../graph/ops/elementwise.js';
import { linear } from '../../graph/ops/linear.js';
import { mean } from '../../graph/ops/mean.js';
import { sum } from '../../graph/ops/reduce.js';
import { reshape } from '../../graph/ops/shape.js';
import { paddedStft } from '../../graph/ops/spectral.js';

/** Third-octave bands from 150 Hz on, as in ESTOI. */
const BANDS = 15;
const LOWEST_HZ = 150;
const WINDOW = 512;
const HOP = 256;
/** Frames that are compared at a time: 384 ms at 16 kHz, as in ESTOI. */
const SEGMENT = 24;
/** Keeps silent segments, which say nothing, at a correlation of 0. */
const FLOOR = 1e-4;

/**
 * 1 minus the mean spectro-temporal correlation of third-octave envelopes over overlapping segments of 384 ms, each band
 * normalised along time and then each frame across bands: the intermediate measure of ESTOI (Jensen & Taal 2016, eq. 4–6)
 * on frames of 16 ms at 16 kHz, without its resampling and its removal of silent frames. `[batch, time]`, gives a scalar.
 */
export function intelligibilityLoss(estimate: Tensor, target: Tensor, sampleRate: number): Tensor {
  const g = estimate.graph;
  const bands = g.table(`third octaves ${sampleRate}`, [WINDOW / 2 + 1, BANDS], () =>
    thirdOctaves(sampleRate),
  );
  const segments = (x: Tensor): Tensor => {
    const { re, im } = paddedStft(x, { window: WINDOW, hop: HOP });
    const envelopes = sqrt(offset(linear(add(square(re), square(im)), bands), 1e-8));
    const cut = unfold(envelopes, SEGMENT, SEGMENT / 2);
    const count = fixed(cut.shape[0], 'batch') * fixed(cut.shape[1], 'segments');
    return normalised(normalised(reshape(cut, [count, SEGMENT, BANDS]), 1), 2);
  };
  const correlation = scale(mean(sum(mul(segments(estimate), segments(target)), [1, 2])), 1 / SEGMENT);
  return sub(g.scalar(1), correlation);
}

/** Zero mean and unit length along an axis. */
function normalised(x: Tensor, axis: number): Tensor {
  const centred = sub(x, mean(x, [axis], true));
  return div(centred, sqrt(offset(sum(square(centred), [axis], true), FLOOR)));
}

/** Which bins belong to which band, `[bins, bands]`. */
function thirdOctaves(sampleRate: number): Float64Array {
  const table = new Float64Array((WINDOW / 2 + 1) * BANDS);
  for (let bin = 0; bin <= WINDOW / 2; bin++) {
    const hz = (bin * sampleRate) / WINDOW;
    const band = Math.round(3 * Math.log2(hz / LOWEST_HZ));
    if (band >= 0 && band < BANDS) table[bin * BANDS + band] = 1;
  }
  return table;
}
