import { besselI0 } from '../../../src/audio/bessel.js';

/** Shape parameter β of the Kaiser window for a stop-band attenuation in dB (Kaiser 1974). */
function kaiserBeta(attenuationDb: number): number {
  if (attenuationDb > 50) return 0.1102 * (attenuationDb - 8.7);
  if (attenuationDb > 21) return 0.5842 * (attenuationDb - 21) ** 0.4 + 0.07886 * (attenuationDb - 21);
  return 0;
}

/** Width in samples that a Kaiser-windowed filter needs for a transition band of `transition` cycles per sample. */
export function kaiserWidth(attenuationDb: number, transition: number): number {
  return Math.max(2, (attenuationDb - 7.95) / (2.285 * 2 * Math.PI * transition));
}

/**
 * A windowed-sinc low-pass as a function of continuous time, so that one design gives plain taps, polyphase branches
 * and fractional delays alike.
 * @param cut −6 dB frequency, cycles per sample.
 * @param width total width in samples.
 */
export function sincKernel(cut: number, width: number, attenuationDb: number): (t: number) => number {
  const beta = kaiserBeta(attenuationDb);
  const norm = besselI0(beta);
  return (t) => {
    const u = (2 * t) / width;
    if (Math.abs(u) > 1) return 0;
    const sinc = t === 0 ? 2 * cut : Math.sin(2 * Math.PI * cut * t) / (Math.PI * t);
    return (sinc * besselI0(beta * Math.sqrt(1 - u * u))) / norm;
  };
}

export interface LowPassDesign {
  /** Sample rate, Hz. */
  rate: number;
  /** End of the pass-band, Hz. */
  passHz: number;
  /** Begin of the stop-band, Hz. */
  stopHz: number;
  /** Stop-band attenuation, dB; the pass-band ripple is as small. */
  attenuationDb: number;
}

/** Symmetric low-pass taps of odd length, unity at 0 Hz, delay (length − 1) / 2. */
export function lowPassTaps({ rate, passHz, stopHz, attenuationDb }: LowPassDesign): Float64Array {
  const half = Math.ceil(kaiserWidth(attenuationDb, (stopHz - passHz) / rate) / 2);
  const kernel = sincKernel((passHz + stopHz) / (2 * rate), 2 * half + 2, attenuationDb);
  const taps = Float64Array.from({ length: 2 * half + 1 }, (_, n) => kernel(n - half));
  const sum = taps.reduce((a, b) => a + b, 0);
  return taps.map((tap) => tap / sum);
}
