import type { Random } from '../../random.js';
import type { RemixConfig } from './remix-config.js';

/** Points on which an equaliser curve is computed; between them it is straight (31 Hz apart at 8 kHz). */
const GRID = 256;

/**
 * A smooth random equaliser: a sum of three cosines over frequency, at most ±`decibels`, as gains per bin.
 *
 * @param gains `[bins]`, overwritten
 */
export function drawEqualiser(gains: Float32Array, decibels: number, random: Random): void {
  const bins = gains.length;
  const terms = [1, 2, 3].map((order) => ({
    ripples: random.uniform(0.5, 1.5) * order,
    phase: random.uniform(0, 2 * Math.PI),
    weight: random.uniform(0, 1) / order,
  }));
  const total = terms.reduce((sum, term) => sum + term.weight, 0);
  const depth = random.uniform(0, decibels) / Math.max(total, 1e-9);
  const at = (x: number) => {
    let curve = 0;
    for (const { ripples, phase, weight } of terms) curve += weight * Math.cos(Math.PI * ripples * x + phase);
    return 10 ** ((depth * curve) / 20);
  };
  let left = at(0);
  for (let g = 0; g < GRID; g++) {
    const first = Math.floor((g * bins) / GRID);
    const end = Math.floor(((g + 1) * bins) / GRID);
    const right = at((g + 1) / GRID);
    for (let k = first; k < end; k++) gains[k] = left + ((right - left) * (k - first)) / (end - first);
    left = right;
  }
}

/** A narrow channel as gains per bin, with raised-cosine edges a tenth of the upper and half of the lower edge wide. */
export function drawBand(gains: Float32Array, sampleRate: number, config: RemixConfig, random: Random): void {
  const low = random.uniform(...config.bandLowHz);
  const high = random.uniform(...config.bandHighHz);
  const edge = (x: number) => 0.5 - 0.5 * Math.cos(Math.PI * Math.max(0, Math.min(1, x)));
  const perBin = sampleRate / 2 / (gains.length - 1);
  for (let k = 0; k < gains.length; k++) {
    const f = k * perBin;
    gains[k] = edge(f / Math.max(low, 1e-6) - 0.5) * edge((1.05 * high - f) / (0.1 * high));
  }
}

/**
 * Adds noise whose power falls with frequency to the power of −`slope` (0 white, 1 pink). Its bins are drawn uniformly,
 * six times faster than Gaussian ones; their sum in time is Gaussian by the central limit theorem.
 *
 * @param spectrum `[2 · bins]`. @param gains `[bins]`, overwritten. @param power mean square of the noise in time
 */
export function addColouredNoise(
  spectrum: Float32Array,
  gains: Float32Array,
  slope: number,
  power: number,
  random: Random,
): void {
  const bins = gains.length;
  let total = 0;
  for (let k = 1; k < bins - 1; k++) {
    gains[k] = k ** (-slope / 2);
    total += gains[k] * gains[k];
  }
  // Parseval for unscaled spectra: mean square in time = 2 Σ|X|² / size². A uniform value in ±√3 has deviation 1.
  const scale = 2 * (bins - 1) * Math.sqrt(power / (4 * total)) * Math.sqrt(3);
  for (let k = 1; k < bins - 1; k++) {
    const largest = scale * gains[k];
    spectrum[2 * k] += random.uniform(-largest, largest);
    spectrum[2 * k + 1] += random.uniform(-largest, largest);
  }
}

/** Multiplies a spectrum `[2 · bins]` by real gains `[bins]` and a factor, in place. */
export function applyGains(spectrum: Float32Array, gains: Float32Array, factor = 1): void {
  for (let k = 0; k < gains.length; k++) {
    const gain = gains[k] * factor;
    spectrum[2 * k] *= gain;
    spectrum[2 * k + 1] *= gain;
  }
}

/** `out = a · b` bin by bin; `out` may be `a` or `b`. */
export function multiplySpectra(out: Float32Array, a: Float32Array, b: Float32Array): void {
  for (let k = 0; k < out.length; k += 2) {
    const re = a[k] * b[k] - a[k + 1] * b[k + 1];
    out[k + 1] = a[k] * b[k + 1] + a[k + 1] * b[k];
    out[k] = re;
  }
}
