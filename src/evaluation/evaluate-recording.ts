import { estoi, segmentalSnr, siSdr } from '../audio/metrics/index.js';
import type { Model } from '../engine/model.js';
import { denoiseWhole } from './denoise-whole.js';

/** How near a recording comes to its clean original. */
export interface Scores {
  /** Scale-invariant signal-to-distortion ratio, dB. */
  siSdr: number;
  /** Extended short-time objective intelligibility, −1 to 1. */
  estoi: number;
  /** Segmental signal-to-noise ratio, dB. */
  segmentalSnr: number;
}

/** @param samples - `[time]`, aligned with and as long as `clean`. @param sampleRate - of both, Hz. */
function score(samples: Float32Array, clean: Float32Array, sampleRate: number): Scores {
  return {
    siSdr: siSdr(samples, clean),
    estoi: estoi(clean, samples, sampleRate),
    segmentalSnr: segmentalSnr(clean, samples, sampleRate),
  };
}

/**
 * Denoises one recording in memory, as `denoise FILE` does, and scores it before and after.
 *
 * @param noisy - `[time]` at the model's rate, full scale ±1.
 * @param clean - the same without noise, aligned.
 */
export async function evaluateRecording(
  model: Model,
  noisy: Float32Array,
  clean: Float32Array,
): Promise<{ before: Scores; after: Scores }> {
  const { sampleRate } = model.info;
  const { denoised } = await denoiseWhole(model, noisy);
  return { before: score(noisy, clean, sampleRate), after: score(denoised, clean, sampleRate) };
}
