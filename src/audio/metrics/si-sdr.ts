import { checkPair, silentReference } from './check.js';

/**
 * Scale-invariant signal-to-distortion ratio, after removing the mean of both signals.
 *
 * The estimate e is split into the part along the reference, αs with α = ⟨e, s⟩ / ‖s‖², and the rest:
 * SI-SDR = 10·log10(‖αs‖² / ‖e − αs‖²). Source: Le Roux, Wisdom, Erdogan, Hershey, "SDR – half-baked or well done?",
 * ICASSP 2019, equation 5.
 *
 * @param estimate `[samples]`, what is judged.
 * @param reference `[samples]`, the clean signal.
 * @returns dB; `Infinity` for an exact (scaled) copy, `-Infinity` for an estimate that is silent or orthogonal.
 * @throws InputError `E_LENGTH_MISMATCH`, `E_EMPTY`, `E_NOT_FINITE`, `E_SILENT_REFERENCE` (a constant reference is silent).
 */
export function siSdr(estimate: Float32Array, reference: Float32Array): number {
  checkPair('SI-SDR', ['estimate', estimate], ['reference', reference]);
  const { length } = estimate;
  let estimateMean = 0;
  let referenceMean = 0;
  for (let n = 0; n < length; n++) {
    estimateMean += estimate[n]!;
    referenceMean += reference[n]!;
  }
  estimateMean /= length;
  referenceMean /= length;

  let cross = 0;
  let power = 0;
  for (let n = 0; n < length; n++) {
    const clean = reference[n]! - referenceMean;
    cross += (estimate[n]! - estimateMean) * clean;
    power += clean * clean;
  }
  if (power === 0) throw silentReference('SI-SDR');
  const scale = cross / power;
  let distortion = 0;
  for (let n = 0; n < length; n++) {
    distortion += (estimate[n]! - estimateMean - scale * (reference[n]! - referenceMean)) ** 2;
  }
  const target = scale * scale * power;
  return target === 0 ? Number.NEGATIVE_INFINITY : 10 * Math.log10(target / distortion);
}
