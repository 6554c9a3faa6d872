import { Random } from '../../../src/random.js';

export interface AirOptions {
  /** Complex samples per second, Hz. */
  rate: number;
  /** Where the signal is put, Hz from the centre. */
  offsetHz: number;
  /** Mean power of the signal over that of the noise in `channelHz`, dB; `Infinity` for no noise. */
  cnrDb: number;
  /** Width of the channel in which `cnrDb` is stated, Hz: 180 k WBFM, 16 k NBFM, 10 k AM, 2.7 k side-band. */
  channelHz: number;
  /** Root of the mean power of the signal in the result, full scale 1. Default 0.2. */
  level?: number;
  /**
   * Flat fading: the strength of the scattered part beside the direct one, dB (−Infinity, the default, for none), and
   * how fast it changes, Hz.
   */
  fading?: { scatterDb: number; dopplerHz: number };
  seed: number;
}

/** Paths in the scattered part: enough for its amplitude to be Rayleigh's (Jakes, Microwave Mobile Communications). */
const PATHS = 12;

/**
 * What an antenna gets of a signal: shifted, faded, in white noise of a known density. Interleaved I, Q in and out.
 * The power is measured over the whole signal, so pauses in side-band speech count.
 */
export function throughAir(signal: Float32Array, options: AirOptions): Float32Array {
  const { rate, offsetHz, cnrDb, channelHz, level = 0.2, fading, seed } = options;
  let power = 0;
  for (const value of signal) power += value * value;
  const scale = level / Math.sqrt(Math.max(power / (signal.length / 2), 1e-30));
  const density = (level * level) / 10 ** (cnrDb / 10) / channelHz;
  const sigma = Math.sqrt((density * rate) / 2);
  const random = new Random(seed, 0x41_49_52);
  const paths = Array.from({ length: fading === undefined ? 0 : PATHS }, () => ({
    hz: (fading?.dopplerHz ?? 0) * Math.cos(2 * Math.PI * random.next()),
    phase: 2 * Math.PI * random.next(),
  }));
  const share = 10 ** ((fading?.scatterDb ?? Number.NEGATIVE_INFINITY) / 20);
  const direct = 1 / Math.sqrt(1 + share * share);
  const scattered = (share * direct) / Math.sqrt(PATHS);
  const out = new Float32Array(signal.length);
  const turn = (2 * Math.PI * offsetHz) / rate;
  for (let n = 0; n < signal.length / 2; n++) {
    let gainI = direct;
    let gainQ = 0;
    for (const { hz, phase } of paths) {
      const angle = (2 * Math.PI * hz * n) / rate + phase;
      gainI += scattered * Math.cos(angle);
      gainQ += scattered * Math.sin(angle);
    }
    const c = scale * Math.cos(turn * n);
    const s = scale * Math.sin(turn * n);
    const i = signal[2 * n] * gainI - signal[2 * n + 1] * gainQ;
    const q = signal[2 * n] * gainQ + signal[2 * n + 1] * gainI;
    out[2 * n] = i * c - q * s + sigma * random.normal();
    out[2 * n + 1] = i * s + q * c + sigma * random.normal();
  }
  return out;
}

/** The bytes that an RTL-SDR would give: zero at 127.4, cut off at both ends. */
export function toCu8(iq: Float32Array): Uint8Array {
  const bytes = new Uint8ClampedArray(iq.length);
  for (let n = 0; n < iq.length; n++) bytes[n] = 127.4 + 128 * iq[n];
  return new Uint8Array(bytes.buffer);
}
