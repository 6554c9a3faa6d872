import { realFft } from '../../src/audio/fft.js';
import { siSdr } from '../../src/audio/metrics/index.js';

export interface BandSiSdr {
  /** SI-SDR of what lies in the band, dB. */
  db: number;
  /** How much later the estimate is, samples, to a fraction. */
  lag: number;
}

export interface BandSiSdrOptions {
  /** Sample rate of both, Hz. */
  rate: number;
  /** Band that is compared, Hz. Default 400…2500: what every voice channel passes. */
  lowHz?: number;
  highHz?: number;
  /** Furthest shift that is searched, samples. Default 0.2 s. */
  maxLag?: number;
}

/** Left out at both ends, s. */
const EDGE_SECONDS = 0.05;

function fftSize(atLeast: number): number {
  let size = 32;
  while (size < atLeast) size *= 2;
  return (size / 4) * 3 >= atLeast && size >= 128 ? (size / 4) * 3 : size;
}

/** SI-SDR in a band, after the shift (to a fraction of a sample) that correlates best. */
export function bandSiSdr(
  estimate: Float32Array,
  reference: Float32Array,
  { rate, lowHz = 400, highHz = 2500, maxLag = Math.round(rate / 5) }: BandSiSdrOptions,
): BandSiSdr {
  const length = Math.min(estimate.length, reference.length);
  const size = fftSize(2 * length);
  const fft = realFft(size);
  const spectrum = (x: Float32Array): Float32Array => {
    const padded = new Float32Array(size);
    padded.set(x.subarray(0, length));
    const out = new Float32Array(size + 2);
    fft.forward(padded, out);
    for (let bin = 0; bin <= size / 2; bin++) {
      const hz = (bin * rate) / size;
      if (hz < lowHz || hz > highHz) out.fill(0, 2 * bin, 2 * bin + 2);
    }
    return out;
  };
  const e = spectrum(estimate);
  const r = spectrum(reference);
  const cross = new Float32Array(size + 2);
  for (let k = 0; k < cross.length; k += 2) {
    cross[k] = e[k] * r[k] + e[k + 1] * r[k + 1];
    cross[k + 1] = e[k + 1] * r[k] - e[k] * r[k + 1];
  }
  const correlation = new Float32Array(size);
  fft.inverse(cross, correlation);
  let coarse = 0;
  let most = 0;
  for (let lag = -maxLag; lag <= maxLag; lag++) {
    const value = Math.abs(correlation[(lag + size) % size]);
    if (value > most) {
      most = value;
      coarse = lag;
    }
  }
  const from = Math.floor((lowHz * size) / rate);
  const to = Math.ceil((highHz * size) / rate);
  const at = (lag: number): number => {
    let sum = 0;
    for (let bin = from; bin <= to; bin++) {
      const angle = (2 * Math.PI * bin * lag) / size;
      sum += cross[2 * bin] * Math.cos(angle) - cross[2 * bin + 1] * Math.sin(angle);
    }
    return Math.abs(sum);
  };
  let low = coarse - 1;
  let high = coarse + 1;
  for (let step = 0; step < 24; step++) {
    const a = low + (high - low) * 0.382;
    const b = low + (high - low) * 0.618;
    if (at(a) > at(b)) high = b;
    else low = a;
  }
  const lag = (low + high) / 2;
  const shifted = new Float32Array(size + 2);
  for (let bin = 0; bin <= size / 2; bin++) {
    const angle = (2 * Math.PI * bin * lag) / size;
    const c = Math.cos(angle);
    const s = Math.sin(angle);
    shifted[2 * bin] = e[2 * bin] * c - e[2 * bin + 1] * s;
    shifted[2 * bin + 1] = e[2 * bin] * s + e[2 * bin + 1] * c;
  }
  const aligned = new Float32Array(size);
  const wanted = new Float32Array(size);
  fft.inverse(shifted, aligned);
  fft.inverse(r, wanted);
  // The ideal band-pass rings for some time where the signals are cut off, and differently in each.
  const edge = Math.ceil(Math.abs(lag) + EDGE_SECONDS * rate);
  return { db: siSdr(aligned.subarray(edge, length - edge), wanted.subarray(edge, length - edge)), lag };
}
