import { besselI0 } from '../bessel.js';
import { checkRate } from './check.js';

const REJECTION_DB = 60;

interface Filter {
  readonly up: number;
  readonly down: number;
  /** Taps at `up` times the input rate, symmetric around the middle one. */
  readonly taps: Float64Array;
}

const filters = new Map<string, Filter>();

/**
 * Changes the sample rate exactly as GNU Octave's `resample` and pystoi do, so that STOI figures agree with published ones
 * to the last digits. For everything that is heard, use the streaming resampler instead.
 *
 * Polyphase windowed sinc: cut off at half the lower rate, Kaiser window for 60 dB, transition of a tenth of the cut-off.
 * Source: Oppenheim, Schafer, "Discrete-Time Signal Processing", as in Octave's signal package.
 *
 * @param samples `[n]` at `from` Hz.
 * @returns `[ceil(n · to / from)]` at `to` Hz, aligned with the input (no latency).
 * @throws InputError `E_SAMPLE_RATE`.
 */
export function octaveResample(samples: Float32Array, from: number, to: number): Float64Array {
  checkRate('Resampling', from);
  checkRate('Resampling', to);
  if (from === to) return Float64Array.from(samples);
  const { up, down, taps } = filterFor(from, to);
  const middle = (taps.length - 1) / 2;
  const output = new Float64Array(Math.ceil((samples.length * up) / down));
  for (let n = 0; n < output.length; n++) {
    const centre = n * down;
    const first = Math.max(0, Math.ceil((centre - middle) / up));
    const last = Math.min(samples.length - 1, Math.floor((centre + middle) / up));
    let sum = 0;
    for (let i = first, tap = centre - first * up + middle; i <= last; i++, tap -= up) {
      sum += samples[i]! * taps[tap]!;
    }
    output[n] = sum;
  }
  return output;
}

function filterFor(from: number, to: number): Filter {
  const divisor = greatestCommonDivisor(from, to);
  const up = to / divisor;
  const down = from / divisor;
  const key = `${up}/${down}`;
  const known = filters.get(key);
  if (known !== undefined) return known;

  const cutoff = 1 / (2 * Math.max(up, down));
  const half = Math.ceil((REJECTION_DB - 8) / (28.714 * (cutoff / 10)));
  const beta = 0.1102 * (REJECTION_DB - 8.7);
  const taps = Float64Array.from({ length: 2 * half + 1 }, (_, i) => {
    const t = i - half;
    const x = 2 * Math.PI * cutoff * t;
    const window = besselI0(beta * Math.sqrt(Math.max(0, 1 - (t / half) ** 2))) / besselI0(beta);
    return t === 0 ? 1 : (window * Math.sin(x)) / x;
  });
  const sum = taps.reduce((total, tap) => total + tap, 0);
  const filter = { up, down, taps: taps.map((tap) => (tap * up) / sum) };
  filters.set(key, filter);
  return filter;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
