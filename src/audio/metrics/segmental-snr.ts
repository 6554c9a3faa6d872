import { hanning } from '../windows.js';
import { checkPair, checkRate } from './check.js';

const FRAME_SECONDS = 0.03;
const LOWEST_DB = -10;
const HIGHEST_DB = 35;

/**
 * Segmental signal-to-noise ratio: the mean over Hann-weighted frames of 30 ms, every 7.5 ms, of the ratio of the clean
 * signal to the difference, each limited to −10 … 35 dB. Source: Hansen, Pellom, "An effective quality evaluation protocol
 * for speech enhancement algorithms", ICSLP 1998, with the frames of Loizou, "Speech Enhancement", 2nd ed. 2013.
 *
 * Sensitive to level: a processed signal that is 6 dB too soft scores 6 dB, however clean it is.
 *
 * @param clean `[samples]`.
 * @param processed `[samples]`, aligned with it.
 * @param sampleRate Hz.
 * @returns dB, −10 … 35. A signal shorter than a frame is one frame, padded with silence.
 * @throws InputError `E_LENGTH_MISMATCH`, `E_EMPTY`, `E_NOT_FINITE`, `E_SAMPLE_RATE`.
 */
export function segmentalSnr(clean: Float32Array, processed: Float32Array, sampleRate: number): number {
  checkPair('Segmental SNR', ['clean signal', clean], ['processed signal', processed]);
  checkRate('Segmental SNR', sampleRate);
  const length = Math.max(4, Math.round(FRAME_SECONDS * sampleRate));
  const hop = Math.floor(length / 4);
  const window = hanning(length);
  const frames = Math.max(1, Math.floor((clean.length - length) / hop) + 1);
  let sum = 0;
  for (let frame = 0; frame < frames; frame++) {
    let signal = 0;
    let noise = 0;
    for (let n = 0, at = frame * hop; n < length && at < clean.length; n++, at++) {
      signal += (window[n]! * clean[at]!) ** 2;
      noise += (window[n]! * (clean[at]! - processed[at]!)) ** 2;
    }
    const ratio = 10 * Math.log10(signal / (noise + Number.EPSILON) + Number.EPSILON);
    sum += Math.min(HIGHEST_DB, Math.max(LOWEST_DB, ratio));
  }
  return sum / frames;
}
