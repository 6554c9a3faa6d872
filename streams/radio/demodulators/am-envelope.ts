import { RunningMean } from '../filters/running-mean.js';
import type { Demodulator } from '../stage.js';
import { phaseOf } from './phase.js';

export interface AmConfig {
  /** Complex samples per second, Hz. */
  rate: number;
  /**
   * Divide by the carrier, so that 100 % modulation gives ±1 whatever the signal's strength; without, the envelope's
   * deviation from the carrier comes out as it is.
   */
  normalise: boolean;
}

/**
 * Time constant of the carrier's mean: short enough to follow fading, and so long that 400 Hz is turned by 0.1° only
 * (0.8 Hz corner).
 */
export const CARRIER_SECONDS = 0.2;

/** Under this the carrier counts as absent and is not divided by: −180 dBFS. */
export const LEAST_CARRIER = 1e-9;

/** AM by the envelope: needs no lock, but at low signal-to-noise ratios rectifies the noise. */
export class AmEnvelopeDemodulator implements Demodulator<AmConfig> {
  readonly latency = 0;
  readonly #carrier: RunningMean;
  #i = 0;
  #q = 0;
  #turnRe = 0;
  #turnIm = 0;

  constructor(readonly config: Readonly<AmConfig>) {
    this.#carrier = new RunningMean({ rate: config.rate, seconds: CARRIER_SECONDS });
  }

  process(i: Float64Array, q: Float64Array, from: number, count: number, out: Float32Array): void {
    const { normalise } = this.config;
    for (let n = from; n < from + count; n++) {
      const re = i[n];
      const im = q[n];
      this.#turnRe += re * this.#i + im * this.#q;
      this.#turnIm += im * this.#i - re * this.#q;
      this.#i = re;
      this.#q = im;
      const envelope = Math.sqrt(re * re + im * im);
      const carrier = this.#carrier.push(envelope);
      out[n] = (envelope - carrier) / (normalise ? Math.max(carrier, LEAST_CARRIER) : 1);
    }
  }

  takeCarrierHz(): number {
    const present = this.#turnRe !== 0 || this.#turnIm !== 0;
    const angle = present ? phaseOf(this.#turnRe, this.#turnIm) : Number.NaN;
    this.#turnRe = 0;
    this.#turnIm = 0;
    return (angle * this.config.rate) / (2 * Math.PI);
  }

  reset(): void {
    this.#carrier.reset();
    this.#i = 0;
    this.#q = 0;
    this.#turnRe = 0;
    this.#turnIm = 0;
  }

  clone(): AmEnvelopeDemodulator {
    return new AmEnvelopeDemodulator(this.config);
  }
}
