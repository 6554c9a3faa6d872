import { upsample } from './upsample.js';

export interface AmModulation {
  /** Rate of the audio, and of the complex samples that come out, Hz; integers. */
  audioRate: number;
  rate: number;
  /** Modulation that audio of ±1 gives: 1 is 100 %. Default 0.8. */
  depth?: number;
  /** Highest frequency sent, Hz. Default 4 500. */
  audioHz?: number;
}

/** Amplitude modulation of a carrier of amplitude 1 (over-modulation is cut off at 0): interleaved I, Q around 0 Hz. */
export function modulateAm(audio: Float32Array, modulation: AmModulation): Float32Array {
  const { audioRate, rate, depth = 0.8, audioHz = 4_500 } = modulation;
  const sound = upsample(audio, { audioRate, rate, audioHz });
  const iq = new Float32Array(2 * sound.length);
  for (let n = 0; n < sound.length; n++) iq[2 * n] = Math.max(0, 1 + depth * sound[n]);
  return iq;
}
