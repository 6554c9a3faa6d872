import type { Tensor } from '../../src/graph/graph.js';
import type { ModelBuilder } from '../../src/graph/model-builder.js';
import type { ModelFamily } from '../../src/graph/model-family.js';
import { add, scale, sub } from '../../src/graph/ops/elementwise.js';
import { intelligibilityLoss } from '../../src/graph/ops/intelligibility.js';
import { negativeSdr, negativeSiSdr, spectralLoss } from '../../src/graph/ops/loss.js';
import { slice } from '../../src/graph/ops/shape.js';

export interface VoiceLossWeights {
  /** Compressed spectra. */
  spectral: number;
  /** SDR of the whole, which holds the level, and of what carries speech over the radio, per dB. */
  sdr: number;
  voiceSdr: number;
  /** What is lost of the intelligibility. */
  intelligibility: number;
}

/**
 * x(n) − x(n−6) at 16 kHz: peak at 1333 Hz, −3 dB at 670 and 2000 Hz, −16 dB at 100 Hz. The lowest octaves hold most of a
 * voice's power and, behind FM, hardly any noise; SDR of the whole would be decided there.
 */
const VOICE_LAG = 6;

/** Loss of a denoiser for radio voice: `noisy` and `clean` `[batch, time]` are its inputs. */
export function layVoiceLoss(
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
  const voice = (x: Tensor): Tensor =>
    sub(slice(x, 1, VOICE_LAG, length), slice(x, 1, 0, length - VOICE_LAG));
  const [heard, wanted] = [voice(estimate), voice(target)];
  const terms = [
    scale(spectralLoss(estimate, target, { windows: [512] }), weights.spectral),
    scale(negativeSdr(estimate, target), weights.sdr),
    scale(negativeSdr(heard, wanted), weights.voiceSdr),
  ];
  const rate = family.sampleRate(config);
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
