import { realFft } from '../fft.js';
import { hann } from '../windows.js';
import { checkPair, checkRate, silentReference } from './check.js';
import { dbToPower, powerToDb } from './levels.js';

const FRAME_SECONDS = 0.032;
const DYNAMIC_RANGE_DB = 60;

/**
 * Log-spectral distance: the root-mean-square difference of two log power spectra over frequency, averaged over frames of
 * about 32 ms with half overlap. Source: Gray, Markel, "Distance measures for speech processing", IEEE TASSP 24(5), 1976.
 *
 * Both spectra are lifted to a floor 60 dB under the loudest bin of the clean one, so that digital silence, which
 * nobody hears, does not decide the figure.
 *
 * @param clean `[samples]`.
 * @param processed `[samples]`, aligned with it.
 * @param sampleRate Hz.
 * @returns dB ≥ 0, where 0 is a perfect copy. The end is padded with silence to a whole frame.
 * @throws InputError `E_LENGTH_MISMATCH`, `E_EMPTY`, `E_NOT_FINITE`, `E_SAMPLE_RATE`, `E_SILENT_REFERENCE`.
 */
export function logSpectralDistance(
  clean: Float32Array,
  processed: Float32Array,
  sampleRate: number,
): number {
  checkPair('Log-spectral distance', ['clean signal', clean], ['processed signal', processed]);
  checkRate('Log-spectral distance', sampleRate);
  const size = 2 ** Math.max(5, Math.round(Math.log2(FRAME_SECONDS * sampleRate)));
  const cleanFrames = new PaddedFrames(clean, size);
  const processedFrames = new PaddedFrames(processed, size);

  let loudest = 0;
  for (let frame = 0; frame < cleanFrames.count; frame++) {
    for (const power of cleanFrames.power(frame)) loudest = Math.max(loudest, power);
  }
  if (loudest === 0) throw silentReference('Log-spectral distance');
  const floor = loudest * dbToPower(-DYNAMIC_RANGE_DB);

  let sum = 0;
  for (let frame = 0; frame < cleanFrames.count; frame++) {
    const a = cleanFrames.power(frame);
    const b = processedFrames.power(frame);
    let squares = 0;
    for (let bin = 0; bin < a.length; bin++) {
      squares += powerToDb(Math.max(a[bin]!, floor) / Math.max(b[bin]!, floor)) ** 2;
    }
    sum += Math.sqrt(squares / a.length);
  }
  return sum / cleanFrames.count;
}

/** Power spectra of the half-overlapping Hann frames of a signal; one frame at a time, nothing kept. */
class PaddedFrames {
  readonly count: number;
  readonly #frame: Float32Array;
  readonly #window: Float32Array;
  readonly #power: Float64Array;

  constructor(
    readonly signal: Float32Array,
    readonly size: number,
  ) {
    this.count = Math.max(1, Math.ceil((signal.length - size) / (size / 2)) + 1);
    this.#frame = new Float32Array(size);
    this.#window = hann(size);
    this.#power = new Float64Array(size / 2 + 1);
  }

  /** `[size / 2 + 1]`, valid until the next call. */
  power(frame: number): Float64Array {
    const start = frame * (this.size / 2);
    for (let n = 0; n < this.size; n++) this.#frame[n] = this.#window[n]! * (this.signal[start + n] ?? 0);
    realFft(this.size).power(this.#frame, this.#power);
    return this.#power;
  }
}
