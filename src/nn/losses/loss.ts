/** Training losses; each gives a scalar `[]`. */
import { fixed } from '../../graph/dim.js';
import type { Tensor } from '../../graph/graph.js';
import {
  abs,
  add,
  div,
  log,
  mul,
  neg,
  offset,
  relu,
  scale,
  sqrt,
  square,
  sub,
} from '../../graph/ops/elementwise.js';
import { mean } from '../../graph/ops/mean.js';
import { sum } from '../../graph/ops/reduce.js';
import { reshape } from '../../graph/ops/shape.js';
import { compress, paddedStft } from '../../graph/ops/spectral.js';

/** Mean squared error. */
export const mse = (estimate: Tensor, target: Tensor): Tensor => mean(flat(square(sub(estimate, target))));

/** Mean absolute error. */
export const l1 = (estimate: Tensor, target: Tensor): Tensor => mean(flat(abs(sub(estimate, target))));

/** Reductions of a flat tensor are 10× faster than those over several axes. */
const flat = (x: Tensor): Tensor => reshape(x, [x.shape.reduce<number>((n, d) => n * fixed(d, 'a loss'), 1)]);

/**
 * Negative scale-invariant signal-to-distortion ratio in dB, mean over the batch (Le Roux et al. 2019, without removal of
 * means). `[batch, time]`. Silent targets give a finite value: `floor` is added to both energies.
 */
export function negativeSiSdr(estimate: Tensor, target: Tensor, floor = 1e-5): Tensor {
  const dot = (a: Tensor, b: Tensor): Tensor => sum(mul(a, b), [1], true);
  const energy = offset(dot(target, target), floor);
  const projected = mul(div(dot(estimate, target), energy), target);
  const noise = sub(estimate, projected);
  const ratio = div(offset(dot(projected, projected), floor), offset(dot(noise, noise), floor));
  return neg(scale(mean(flat(log(ratio))), 10 / Math.LN10));
}

/**
 * Negative signal-to-distortion ratio in dB, mean over the batch: unlike {@link negativeSiSdr} it also punishes a wrong
 * level. Examples better than `ceiling` dB count as if at it (Wisdom et al. 2020), so that clean inputs do not rule the
 * gradient. `[batch, time]`. `floor` keeps silent targets finite.
 */
export function negativeSdr(estimate: Tensor, target: Tensor, ceiling = 30, floor = 1e-5): Tensor {
  const energy = (x: Tensor): Tensor => sum(square(x), [1], true);
  const signal = offset(energy(target), floor);
  const noise = add(energy(sub(estimate, target)), scale(signal, 10 ** (-ceiling / 10)));
  return neg(scale(mean(flat(log(div(signal, offset(noise, floor))))), 10 / Math.LN10));
}

/** RMS that {@link atOneLevel} brings every mixture to: that of ordinary speech. */
const COMMON_RMS = 0.1;

/**
 * Signals scaled so that the mixture they come from has the same RMS in every example: a loss then weighs quiet and loud
 * recordings alike. `[batch, time]` each; no gradient flows into the mixture.
 */
export function atOneLevel(mixture: Tensor, signals: readonly Tensor[]): Tensor[] {
  const g = mixture.graph;
  const gain = g.withoutRecording(() => {
    const power = mean(square(mixture), [1], true);
    return div(g.scalar(COMMON_RMS), sqrt(offset(power, 1e-12)));
  });
  return signals.map((signal) => mul(signal, gain));
}

export interface SpectralLossOptions {
  /** Window lengths in samples; each hops by half. Default 256, 512, 1024. */
  windows?: readonly number[];
  /** Magnitude exponent. Default 0.3. */
  exponent?: number;
  /** Share of the magnitude term; the rest is the complex term. Default 0.7. */
  magnitudeShare?: number;
  /** Weight of a further term: the squared magnitude that is missing, where the estimate is the weaker. Default 0. */
  overAttenuation?: number;
}

/** Mean squared error of power-law compressed spectra at several resolutions (Braun & Tashev 2021). `[batch, time]`. */
export function spectralLoss(estimate: Tensor, target: Tensor, options: SpectralLossOptions = {}): Tensor {
  const { windows = [256, 512, 1024], exponent = 0.3, magnitudeShare = 0.7, overAttenuation = 0 } = options;
  const terms = windows.map((window) => {
    const spectrum = (x: Tensor) => compress(paddedStft(x, { window, hop: window / 2 }), exponent, 1e-8);
    const [a, b] = [spectrum(estimate), spectrum(target)];
    const complex = add(mse(a.re, b.re), mse(a.im, b.im));
    const both = add(
      scale(mse(a.magnitude, b.magnitude), magnitudeShare),
      scale(complex, 1 - magnitudeShare),
    );
    if (overAttenuation === 0) return both;
    const missing = mean(flat(square(relu(sub(b.magnitude, a.magnitude)))));
    return add(both, scale(missing, overAttenuation));
  });
  return scale(
    terms.reduce((a, b) => add(a, b)),
    1 / windows.length,
  );
}
