import type { Tensor } from '../../graph/graph.js';
import { add, scale } from '../../graph/ops/elementwise.js';
import { slice } from '../../graph/ops/shape.js';
import { intelligibilityLoss } from '../../nn/losses/intelligibility.js';
import { atOneLevel, l1, mse, negativeSdr, negativeSiSdr, spectralLoss } from '../../nn/losses/loss.js';
import type { ModelBuilder } from '../../nn/model-builder.js';
import type { ModelFamily } from '../../nn/model-family.js';

/** Weights of the terms of a denoising loss; a term of weight 0 is not computed. */
export interface DenoiseLossWeights {
  /** Compressed spectra at several resolutions. */
  spectral: number;
  /** Window lengths of the spectral term, samples. */
  windows: readonly number[];
  /** Part of the spectral term: what is missing counts so much more than what is left over. */
  overAttenuation: number;
  /** Every example at the same level before it is compared. */
  equalLevels: boolean;
  /** Negative SI-SDR in dB. */
  siSdr: number;
  /** Negative SDR in dB, which also punishes a wrong level. */
  sdr: number;
  /** What is lost of the intelligibility, 0…2: see `intelligibilityLoss`. */
  intelligibility: number;
  l1: number;
  mse: number;
}

/**
 * 20/3 of the spectral term and 0.03 of SDR in dB. With SI-SDR in its place the flagship gave everything back 2.5 dB too
 * quiet, clean recordings too: no other term holds the level of what is nearly clean.
 */
const SPECTRAL: DenoiseLossWeights = {
  spectral: 20 / 3,
  windows: [512],
  overAttenuation: 0,
  equalLevels: false,
  siSdr: 0,
  sdr: 0.03,
  intelligibility: 0,
  l1: 0,
  mse: 0,
};

/** Values of the setting `loss`. */
export const LOSS_NAMES = [
  'spectral',
  'spectral-si-sdr',
  'intelligible',
  'voice',
  'si-sdr',
  'l1',
  'mse',
] as const;

/** Weights of each `loss` setting. */
export const LOSSES: Readonly<Record<(typeof LOSS_NAMES)[number], DenoiseLossWeights>> = {
  spectral: SPECTRAL,
  'spectral-si-sdr': { ...SPECTRAL, sdr: 0, siSdr: 0.02 },
  intelligible: { ...SPECTRAL, intelligibility: 1.5 },
  voice: { ...SPECTRAL, overAttenuation: 1, equalLevels: true, sdr: 0.05 },
  'si-sdr': { ...SPECTRAL, spectral: 0, sdr: 0, siSdr: 1 },
  l1: { ...SPECTRAL, spectral: 0, sdr: 0, l1: 1 },
  mse: { ...SPECTRAL, spectral: 0, sdr: 0, mse: 1 },
};

/** Builds a model between the inputs `noisy` and `clean` `[batch, time]` and the weighted sum of the loss terms. */
export function buildDenoiseLoss<Config>(
  builder: ModelBuilder,
  family: ModelFamily<Config>,
  config: Config,
  dims: readonly number[],
  weights: DenoiseLossWeights,
): { loss: Tensor; outputs: Record<string, Tensor> } {
  const noisy = builder.graph.input('noisy', dims);
  const clean = builder.graph.input('clean', dims);
  const late = family.latency(config);
  const given = slice(family.build(builder, noisy, config), 1, late, dims[1]);
  const wanted = slice(clean, 1, 0, dims[1] - late);
  const [estimate, target] = weights.equalLevels
    ? atOneLevel(slice(noisy, 1, 0, dims[1] - late), [given, wanted])
    : [given, wanted];
  const siSdr = negativeSiSdr(estimate, target);
  const terms: Tensor[] = [];
  if (weights.spectral > 0) terms.push(scale(spectralLoss(estimate, target, weights), weights.spectral));
  if (weights.siSdr > 0) terms.push(scale(siSdr, weights.siSdr));
  if (weights.sdr > 0) terms.push(scale(negativeSdr(estimate, target), weights.sdr));
  const rate = family.sampleRate(config);
  if (weights.intelligibility > 0)
    terms.push(scale(intelligibilityLoss(estimate, target, rate), weights.intelligibility));
  if (weights.l1 > 0) terms.push(scale(l1(estimate, target), weights.l1));
  if (weights.mse > 0) terms.push(scale(mse(estimate, target), weights.mse));
  return { loss: terms.reduce((a, b) => add(a, b)), outputs: { negativeSiSdr: siSdr } };
}
