import { ComplexDecimator } from '../filters/complex-decimator.js';
import { lowPassTaps } from '../filters/kaiser.js';
import { upsample } from './upsample.js';

export interface SsbModulation {
  /** Rate of the audio, and of the complex samples that come out, Hz; integers. */
  audioRate: number;
  rate: number;
  sideband: 'usb' | 'lsb';
  /** Band of the audio that is sent, Hz. Default 200…3 000. */
  lowHz?: number;
  highHz?: number;
}

/** Slope of the side-band filter, Hz. */
const SLOPE_HZ = 150;
const BLOCK = 4096;

/**
 * Single side-band by Weaver's method at the audio's rate: interleaved I, Q, the suppressed carrier at 0 Hz; audio of
 * amplitude 1 gives a complex amplitude of 1. In step with the audio.
 */
export function modulateSsb(audio: Float32Array, modulation: SsbModulation): Float32Array {
  const { audioRate, rate, sideband, lowHz = 200, highHz = 3_000 } = modulation;
  const middle = (lowHz + highHz) / 2;
  const half = (highHz - lowHz) / 2;
  const taps = lowPassTaps({
    rate: audioRate,
    passHz: half - SLOPE_HZ / 2,
    stopHz: half + SLOPE_HZ / 2,
    attenuationDb: 70,
  });
  const filter = new ComplexDecimator({ taps, factor: 1, maxInput: BLOCK });
  const delay = filter.latency;
  const total = Math.ceil((audio.length + delay) / BLOCK) * BLOCK;
  const i = new Float32Array(total);
  const q = new Float32Array(total);
  const turn = (2 * Math.PI * middle) / audioRate;
  for (let from = 0; from < total; from += BLOCK) {
    for (let n = 0; n < BLOCK; n++) {
      const x = from + n < audio.length ? 2 * audio[from + n] : 0;
      filter.i[filter.writeAt + n] = x * Math.cos(turn * (from + n));
      filter.q[filter.writeAt + n] = -x * Math.sin(turn * (from + n));
    }
    filter.run(BLOCK, i, q, from);
  }
  const re = new Float32Array(audio.length);
  const im = new Float32Array(audio.length);
  const sign = sideband === 'usb' ? 1 : -1;
  for (let n = 0; n < audio.length; n++) {
    const c = Math.cos(turn * n);
    const s = Math.sin(turn * n);
    re[n] = i[n + delay] * c - q[n + delay] * s;
    im[n] = sign * (i[n + delay] * s + q[n + delay] * c);
  }
  const up = { audioRate, rate, audioHz: highHz + SLOPE_HZ };
  const upI = upsample(re, up);
  const upQ = upsample(im, up);
  const iq = new Float32Array(2 * upI.length);
  for (let n = 0; n < upI.length; n++) {
    iq[2 * n] = upI[n];
    iq[2 * n + 1] = upQ[n];
  }
  return iq;
}
