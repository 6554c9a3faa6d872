/** What the liquid families share: band magnitudes in, a gain per band out. */
import { z } from 'zod';
import type { Tensor } from '../src/graph/graph.js';
import { sigmoid } from '../src/graph/ops/elementwise.js';
import { linear } from '../src/graph/ops/linear.js';
import type { ModelBuilder } from '../src/nn/model-builder.js';
import { scaleElapsed, TIME_SCALINGS, type TimeScaling } from './elapsed-time.js';
import { analyse, applyGain, compressedBands, spreadBands, synthesise } from './spectral-front.js';

/** Settings of the liquid families beside those of their cell. */
export const liquidFrontShape = {
  sampleRate: z.int().min(8000).max(48000).default(16000).describe('Hz'),
  window: z.int().min(64).max(4096).multipleOf(2).default(512).describe('samples; frames hop by half of it'),
  bands: z.int().min(2).max(256).default(40).describe('on the ERB scale'),
  exponent: z.number().min(0.1).max(1).default(0.3).describe('compression of the band magnitudes'),
  elapsed: z.number().positive().max(1000).default(1).describe('time between frames as the cell sees it'),
  timeScaling: z.enum(TIME_SCALINGS).default('raw').describe('of the elapsed time'),
  timeMean: z.number().default(0).describe('subtracted by the normalised scaling'),
  timeDeviation: z.number().positive().default(1).describe('divided by in the normalised scaling'),
};

/** Time between frames as the cell sees it: scaled as the settings say. */
export const elapsedTime = (settings: {
  elapsed: number;
  timeScaling: TimeScaling;
  timeMean: number;
  timeDeviation: number;
}): number =>
  scaleElapsed(settings.elapsed, settings.timeScaling, {
    mean: settings.timeMean,
    deviation: settings.timeDeviation,
  });

interface FrontConfig {
  sampleRate: number;
  window: number;
  bands: number;
  exponent: number;
}

/** Bias of the gains before training: they begin at σ(2) = 0.88. */
const OPEN = 2;

/**
 * Gains between 0 and 1 for the bands of every frame, by a network on the bands' magnitudes
 * (`[batch, frames, bands] → [batch, frames, n]`) and a linear layer. Half a window late.
 */
export function bandGainModel(
  b: ModelBuilder,
  audio: Tensor,
  { sampleRate, window, bands, exponent }: FrontConfig,
  network: (features: Tensor) => Tensor,
): Tensor {
  const layout = { sampleRate, window, bands };
  const spectrum = analyse(b, audio, window);
  const y = network(compressedBands(spectrum, layout, exponent));
  const inputs = y.shape[2] as number;
  const w = b.weight('gain.weight', [inputs, bands], { kind: 'xavier', fanIn: inputs, fanOut: bands });
  const bias = b.weight('gain.bias', [bands], { kind: 'constant', value: OPEN });
  const gain = spreadBands(sigmoid(linear(y, w, bias)), layout);
  return synthesise(b, applyGain(spectrum, gain), window);
}
