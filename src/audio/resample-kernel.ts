import { besselI0 } from './bessel.js';

/** Pass band, as a share of the lower of the two Nyquist frequencies; the stop band starts at that frequency itself. */
const PASS_BAND = 0.92;

/** Attenuation of images and aliases, dB; single-precision audio ends near 144 dB, 16-bit at 98 dB. */
const ATTENUATION_DB = 120;

/** Phases in a table at most; ratios with more are interpolated linearly, at an error of (π/1024)²/8, −118 dB. */
const MAX_PHASES = 1024;

/** Kernels kept for the next resampler of the same ratio. */
const CACHE_SIZE = 8;

/** A windowed-sinc low-pass, tabulated at the fractions of an input sample at which outputs fall. */
export interface ResampleKernel {
  /** Outputs per `down` inputs, in lowest terms. */
  readonly up: number;
  readonly down: number;
  /** Taps on each side; the kernel reaches this many input samples ahead. */
  readonly half: number;
  /** Fractions tabulated; `up` where that is small enough. */
  readonly phases: number;
  /** `[phases + 1, 2 · half]`; tap j of row p weighs input `floor(t) − half + 1 + j` where t has the fraction p/phases. */
  readonly taps: Float32Array;
}

const cache = new Map<string, ResampleKernel>();

/** The kernel from `inputRate` to `outputRate`, both whole numbers of Hz. */
export function resampleKernel(inputRate: number, outputRate: number): ResampleKernel {
  const divisor = gcd(inputRate, outputRate);
  const up = outputRate / divisor;
  const down = inputRate / divisor;
  const key = `${up}/${down}`;
  const kernel = cache.get(key) ?? build(up, down);
  cache.delete(key);
  cache.set(key, kernel);
  for (const oldest of cache.keys()) {
    if (cache.size <= CACHE_SIZE) break;
    cache.delete(oldest);
  }
  return kernel;
}

function build(up: number, down: number): ResampleKernel {
  const nyquist = 0.5 * Math.min(1, up / down);
  const cutoff = (nyquist * (1 + PASS_BAND)) / 2;
  // Length and shape of a Kaiser window: Kaiser 1974; Oppenheim & Schafer, Discrete-Time Signal Processing, 7.5.3.
  const transition = 2 * Math.PI * nyquist * (1 - PASS_BAND);
  const half = Math.ceil((ATTENUATION_DB - 7.95) / (2.285 * transition) / 2);
  const beta = 0.1102 * (ATTENUATION_DB - 8.7);
  const phases = Math.min(up, MAX_PHASES);
  const width = 2 * half;
  const taps = new Float32Array((phases + 1) * width);
  const row = new Float64Array(width);
  // The kernel is even: row `phases − p` is row p backwards.
  for (let p = 0; 2 * p <= phases; p++) {
    let sum = 0;
    for (let j = 0; j < width; j++) {
      const t = p / phases + half - 1 - j;
      const inside = 1 - (t / half) ** 2;
      row[j] = inside < 0 ? 0 : sinc(2 * cutoff * t) * besselI0(beta * Math.sqrt(inside));
      sum += row[j];
    }
    // Every phase passes a constant unchanged.
    for (let j = 0; j < width; j++) {
      taps[p * width + j] = row[j] / sum;
      taps[(phases - p + 1) * width - 1 - j] = row[j] / sum;
    }
  }
  return { up, down, half, phases, taps };
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}
