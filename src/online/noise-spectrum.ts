import { meanPower, powerToDb } from '../audio/metrics/levels.js';
import { PowerSpectra } from '../audio/stft.js';

/** Bands in which noises are compared, and the lowest edge, Hz: a third of an octave to 8 kHz. */
const BANDS = 21;
const LOWEST_HZ = 60;
const HIGHEST_HZ = 8000;
const FRAME = 1024;
/** What lies this far below the loudest band counts as nothing, dB. */
const RANGE_DB = 60;

/**
 * How a noise sounds, whatever its level: power in bands of about a third of an octave between 60 Hz and 8 kHz, dB against
 * their mean, `[21]`; and its level, dBFS.
 */
export function noiseSpectrum(
  samples: Float32Array,
  sampleRate: number,
): { spectrum: number[]; levelDb: number } {
  const spectra = new PowerSpectra({ size: FRAME, hop: FRAME / 2 });
  const power = new Float64Array(spectra.bins);
  spectra.push(samples, (frame) => {
    for (let i = 0; i < frame.length; i++) power[i] += frame[i];
  });
  const bands = Array.from({ length: BANDS }, (_, b) => {
    const edge = (n: number): number => LOWEST_HZ * (HIGHEST_HZ / LOWEST_HZ) ** (n / BANDS);
    const bin = (hz: number): number => Math.round((hz * FRAME) / sampleRate);
    const from = bin(edge(b));
    const to = Math.max(from + 1, bin(edge(b + 1)));
    return power.subarray(from, to).reduce((sum, value) => sum + value, 0) / (to - from);
  });
  const floor = Math.max(...bands, 1e-30) * 10 ** (-RANGE_DB / 10);
  const levels = bands.map((value) => powerToDb(Math.max(floor, value)));
  const mean = levels.reduce((a, b) => a + b) / BANDS;
  return {
    spectrum: levels.map((level) => Number((level - mean).toFixed(2))),
    levelDb: powerToDb(Math.max(1e-15, meanPower(samples))),
  };
}

/** Root mean square difference of two spectra of {@link noiseSpectrum}, dB. */
export function spectralDistance(a: readonly number[], b: readonly number[]): number {
  return Math.sqrt(a.reduce((sum, value, i) => sum + (value - b[i]) ** 2, 0) / a.length);
}
