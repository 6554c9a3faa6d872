import { fixed } from '../../src/graph/dim.js';
import type { Tensor } from '../../src/graph/graph.js';
import { add, scale } from '../../src/graph/ops/elementwise.js';
import { concat, reshape, slice } from '../../src/graph/ops/shape.js';
import { paddedStft } from '../../src/graph/ops/spectral.js';
import { intelligibilityLoss } from '../../src/nn/losses/intelligibility.js';
import { negativeSdr, negativeSiSdr, spectralLoss } from '../../src/nn/losses/loss.js';
import type { ModelBuilder } from '../../src/nn/model-builder.js';
import type { ModelFamily } from '../../src/nn/model-family.js';

export interface VoiceLossWeights {
  /** Compressed spectra. */
  spectral: number;
  /** SDR of the whole, which holds the level, and of what carries speech over the radio, per dB. */
  sdr: number;
  voiceSdr: number;
  /** What is lost of the intelligibility. */
  intelligibility: number;
}

/** What carries speech over the radio, and what `bandSiSdr` compares. */
const VOICE_HZ = [400, 2500] as const;
const WINDOW = 512;

/** The band of voices in frames of 32 ms, `[batch, values]`; powers add up to those of the audio. */
function voice(x: Tensor, sampleRate: number): Tensor {
  const [from, to] = VOICE_HZ.map((hz) => Math.round((hz * WINDOW) / sampleRate));
  const { re, im } = paddedStft(x, { window: WINDOW, hop: WINDOW / 2, bins: to });
  const parts = concat([slice(re, 2, from, to), slice(im, 2, from, to)], 2);
  const [batch, frames, values] = parts.shape.map((dim) => fixed(dim, 'a loss for voices'));
  // Half of all bins: power in them is WINDOW/2 times that of the samples.
  return scale(reshape(parts, [batch, frames * values]), Math.sqrt(2 / WINDOW));
}

/** Loss of a denoiser for radio voice: `noisy` and `clean` `[batch, time]` are its inputs. */
export function buildVoiceLoss(
  builder: ModelBuilder,
  family: ModelFamily<unknown>,
  config: unknown,
  [batch, samples]: readonly [number, number],
  weights: VoiceLossWeights,
): { loss: Tensor; outputs: Record<string, Tensor> } {
  const noisy = builder.graph.input('noisy', [batch, samples]);
  const clean = builder.graph.input('clean', [batch, samples]);
  const late = family.latency(config);
  const length = samples - late;
  const estimate = slice(family.build(builder, noisy, config), 1, late, samples);
  const target = slice(clean, 1, 0, length);
  const rate = family.sampleRate(config);
  const [heard, wanted] = [voice(estimate, rate), voice(target, rate)];
  const terms = [
    scale(spectralLoss(estimate, target, { windows: [512] }), weights.spectral),
    scale(negativeSdr(estimate, target), weights.sdr),
    scale(negativeSdr(heard, wanted), weights.voiceSdr),
  ];
  if (weights.intelligibility > 0)
    terms.push(scale(intelligibilityLoss(estimate, target, rate), weights.intelligibility));
  return {
    loss: terms.reduce((a, b) => add(a, b)),
    outputs: {
      negativeSiSdr: negativeSiSdr(estimate, target),
      negativeVoiceSiSdr: negativeSiSdr(heard, wanted),
    },
  };
}
