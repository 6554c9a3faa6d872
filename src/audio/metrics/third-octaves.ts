import { realFft } from '../fft.js';
import { hanning } from '../windows.js';

/** What STOI and ESTOI share: 10 kHz, frames of 25.6 ms with half overlap, 15 bands of a third octave from 150 Hz. */
export const STOI_RATE = 10_000;
export const BANDS = 15;
const FRAME = 256;
const HOP = 128;
const FFT_SIZE = 512;
const LOWEST_CENTRE_HZ = 150;
const DYNAMIC_RANGE_DB = 40;

const window = hanning(FRAME);
const bandEdges = thirdOctaveEdges();

/**
 * Removes, from both signals, the frames in which the clean one is more than 40 dB under its loudest frame, and joins the
 * rest by overlap-add (the window of two overlapping frames adds up to one).
 * @param clean `[samples]` at 10 kHz; it alone decides.
 * @returns both signals, `[(kept − 1) · 128 + 256]`; empty when shorter than a frame.
 */
export function removeSilentFrames(
  clean: Float64Array,
  processed: Float64Array,
): { clean: Float64Array; processed: Float64Array } {
  const starts: number[] = [];
  const energies: number[] = [];
  for (let start = 0; start < clean.length - FRAME; start += HOP) {
    let energy = 0;
    for (let n = 0; n < FRAME; n++) energy += (window[n]! * clean[start + n]!) ** 2;
    starts.push(start);
    energies.push(20 * Math.log10(Math.sqrt(energy) + Number.EPSILON));
  }
  const threshold =
    energies.reduce((highest, energy) => Math.max(highest, energy), -Infinity) - DYNAMIC_RANGE_DB;
  const kept = starts.filter((_, i) => energies[i]! > threshold);
  return { clean: overlapAdd(clean, kept), processed: overlapAdd(processed, kept) };
}

/**
 * Amplitude of each third-octave band in each frame.
 * @param signal `[samples]` at 10 kHz.
 * @returns `[frames][band]`, flat.
 */
export function thirdOctaveAmplitudes(signal: Float64Array): Float64Array {
  const fft = realFft(FFT_SIZE);
  const frame = new Float32Array(FFT_SIZE);
  const power = new Float64Array(fft.bins);
  // The last frame that fits exactly is left out, as in the published code: figures would differ in the third digit.
  const frames = Math.max(0, Math.ceil((signal.length - FRAME) / HOP));
  const amplitudes = new Float64Array(frames * BANDS);
  for (let t = 0; t < frames; t++) {
    for (let n = 0; n < FRAME; n++) frame[n] = window[n]! * signal[t * HOP + n]!;
    fft.power(frame, power);
    for (let band = 0; band < BANDS; band++) {
      let sum = 0;
      for (let bin = bandEdges[band]!; bin < bandEdges[band + 1]!; bin++) sum += power[bin]!;
      amplitudes[t * BANDS + band] = Math.sqrt(sum);
    }
  }
  return amplitudes;
}

function overlapAdd(signal: Float64Array, starts: readonly number[]): Float64Array {
  const joined = new Float64Array(starts.length === 0 ? 0 : (starts.length - 1) * HOP + FRAME);
  starts.forEach((start, i) => {
    for (let n = 0; n < FRAME; n++) joined[i * HOP + n]! += window[n]! * signal[start + n]!;
  });
  return joined;
}

/** First bin of each band and the end of the last: edges at 2^(±1/6) of the centres, moved to the nearest bin. */
function thirdOctaveEdges(): number[] {
  return Array.from({ length: BANDS + 1 }, (_, band) =>
    Math.round((LOWEST_CENTRE_HZ * 2 ** ((2 * band - 1) / 6) * FFT_SIZE) / STOI_RATE),
  );
}
