import { curves, type Series } from '../../audio/plot/index.js';
import type { FrequencyData } from '../data/frequency-data.js';

/** Seconds shown: enough for a whole turn of the slowest of the guides' sines. */
const SHOWN_SECONDS = 1;

/**
 * The end of the test signal: each wanted sine and what the network gave for it, one above the other.
 * @param estimates one `[rows, length]` per chunk, in order
 */
export function drawExtraction(estimates: readonly Float32Array[], data: FrequencyData): Buffer {
  const { sampleRate, frequencies } = data.config;
  const length = estimates[0].length / frequencies.length;
  const chunks = Math.min(estimates.length, Math.ceil((SHOWN_SECONDS * sampleRate) / length));
  const first = (estimates.length - chunks) * length;
  const series: Series[] = [];
  frequencies.forEach((frequency, row) => {
    const x = Array.from({ length: chunks * length }, (_, n) => (first + n) / sampleRate);
    // Rows are drawn apart by 2.5 amplitudes.
    const lift = -2.5 * row;
    const wanted = x.map((_, n) => lift + data.targets[row][first + n]);
    const given = x.map((_, n) => {
      const chunk = estimates[estimates.length - chunks + Math.floor(n / length)];
      return lift + chunk[row * length + (n % length)];
    });
    series.push({ label: `${frequency} Hz`, x, y: given });
    series.push({ label: `${frequency} Hz wanted`, x, y: wanted, dashed: true });
  });
  return curves(series, {
    title: 'Sines taken out of the test mixture',
    x: { label: 'time (s)' },
    y: { label: 'amplitude, rows apart' },
    height: 640,
  });
}
