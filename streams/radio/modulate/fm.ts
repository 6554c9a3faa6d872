import { upsample } from './upsample.js';

export interface FmModulation {
  /** Rate of the audio, and of the complex samples that come out, Hz; integers. */
  audioRate: number;
  rate: number;
  /** Deviation that audio of ±1 gives, Hz: 75 000 for WBFM, 5 000 or 2 500 for NBFM. */
  deviationHz: number;
  /** Highest frequency sent, Hz: 15 000 for WBFM, 3 000 for NBFM. */
  audioHz: number;
  /** Pre-emphasis, µs; 0 (default) for none. Boosted audio is limited to the deviation, as transmitters do. */
  preEmphasisUs?: number;
  /** Sub-audible tone, Hz, sent at 12 % of the deviation. Default none. */
  ctcssHz?: number;
}

const CTCSS_SHARE = 0.12;

/** Frequency modulation with amplitude 1: interleaved I, Q around 0 Hz, in step with the audio. */
export function modulateFm(audio: Float32Array, modulation: FmModulation): Float32Array {
  const { audioRate, rate, deviationHz, audioHz, preEmphasisUs = 0, ctcssHz } = modulation;
  const sound = upsample(audio, { audioRate, rate, audioHz });
  if (preEmphasisUs > 0) preEmphasise(sound, rate, preEmphasisUs);
  const iq = new Float32Array(2 * sound.length);
  const step = (2 * Math.PI * deviationHz) / rate;
  let phase = 0;
  let last = 0;
  for (let n = 0; n < sound.length; n++) {
    const tone = ctcssHz === undefined ? 0 : CTCSS_SHARE * Math.sin((2 * Math.PI * ctcssHz * n) / rate);
    const now = sound[n] + tone;
    // The trapezoid rule: the phase at n is that of the audio up to n, half a sample later than the rectangle's.
    phase = (phase + (step * (now + last)) / 2) % (2 * Math.PI);
    last = now;
    iq[2 * n] = Math.cos(phase);
    iq[2 * n + 1] = Math.sin(phase);
  }
  return iq;
}

/** The inverse of the receiver's de-emphasis, up to its own zero at half the rate, which is moved to 0.98 for stability. */
function preEmphasise(x: Float32Array, rate: number, microseconds: number): void {
  const k = 2 * rate * microseconds * 1e-6;
  let lastX = 0;
  let y = 0;
  for (let n = 0; n < x.length; n++) {
    const now = x[n];
    y = (1 + k) * now + (1 - k) * lastX - 0.98 * y;
    lastX = now;
    x[n] = Math.max(-1, Math.min(1, y));
  }
}
