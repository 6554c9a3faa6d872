import type { Demodulator } from '../stage.js';

export interface ProductConfig {
  /** Complex samples per second, Hz. */
  rate: number;
  /**
   * Frequency in the audio of what lies in the middle of the channel, Hz: positive for the upper side-band and CW,
   * negative for the lower, whose spectrum is turned round.
   */
  shiftHz: number;
  /**
   * Delay of the filters before, in samples: the oscillator starts this much late, or all of the audio's phases would
   * be turned by `shiftHz` times that delay. Default 0.
   */
  delayBefore?: number;
}

/**
 * Second half of Weaver's method (Proc. IRE 44, 1956): the side-band was brought with its middle to 0 Hz and cut out by
 * a real low-pass; here it is shifted to where its audio belongs, and the real part taken.
 */
export class ProductDemodulator implements Demodulator<ProductConfig> {
  readonly latency = 0;
  #phase: number;

  constructor(readonly config: Readonly<ProductConfig>) {
    this.#phase = this.#startPhase;
  }

  get #startPhase(): number {
    const { shiftHz, rate, delayBefore = 0 } = this.config;
    return (-shiftHz * delayBefore) / rate;
  }

  process(i: Float32Array, q: Float32Array, from: number, count: number, out: Float32Array): void {
    const step = this.config.shiftHz / this.config.rate;
    for (let n = from; n < from + count; n++) {
      const angle = 2 * Math.PI * this.#phase;
      out[n] = i[n] * Math.cos(angle) - q[n] * Math.sin(angle);
      this.#phase += step;
      this.#phase -= Math.floor(this.#phase);
    }
  }

  takeCarrierHz(): number {
    return Number.NaN;
  }

  reset(): void {
    this.#phase = this.#startPhase;
  }

  clone(): ProductDemodulator {
    return new ProductDemodulator(this.config);
  }
}
