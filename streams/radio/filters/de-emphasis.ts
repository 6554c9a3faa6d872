import type { Stage } from '../stage.js';

export interface DeEmphasisConfig {
  /** Samples per second, Hz. */
  rate: number;
  /** Time constant, µs: 75 in the Americas and Korea, 50 elsewhere. */
  microseconds: number;
}

/** First-order low-pass 1 / (1 + sτ) by the bilinear transform; at the demodulator's rate its warping is under −70 dB. */
export class DeEmphasis implements Stage<DeEmphasisConfig> {
  /** Zero: its phase is the inverse of the transmitter's pre-emphasis. */
  readonly latency = 0;
  readonly #gain: number;
  readonly #pole: number;
  #x = 0;
  #y = 0;

  constructor(readonly config: Readonly<DeEmphasisConfig>) {
    const k = 2 * config.rate * config.microseconds * 1e-6;
    this.#gain = 1 / (1 + k);
    this.#pole = (k - 1) / (k + 1);
  }

  /** Filters in place. */
  process(x: Float32Array, from: number, count: number): void {
    let lastX = this.#x;
    let y = this.#y;
    for (let n = from; n < from + count; n++) {
      const now = x[n];
      y = this.#gain * (now + lastX) + this.#pole * y;
      lastX = now;
      x[n] = y;
    }
    this.#x = lastX;
    this.#y = y;
  }

  reset(): void {
    this.#x = 0;
    this.#y = 0;
  }

  clone(): DeEmphasis {
    return new DeEmphasis(this.config);
  }
}
