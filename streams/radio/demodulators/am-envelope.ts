import { RunningMean } from '../filters/running-mean.js';
import type { Demodulator } from '../stage.js';
import { CarrierMeter } from './carrier-meter.js';

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
  readonly #meter: CarrierMeter;

  constructor(readonly config: Readonly<AmConfig>) {
    this.#carrier = new RunningMean({ rate: config.rate, seconds: CARRIER_SECONDS });
    this.#meter = new CarrierMeter(config.rate);
  }

  process(i: Float64Array, q: Float64Array, from: number, count: number, out: Float32Array): void {
    this.#meter.measure(i, q, from, count);
    const { normalise } = this.config;
    for (let n = from; n < from + count; n++) {
      const re = i[n];
      const im = q[n];
      const envelope = Math.sqrt(re * re + im * im);
      const carrier = this.#carrier.push(envelope);
      out[n] = (envelope - carrier) / (normalise ? Math.max(carrier, LEAST_CARRIER) : 1);
    }
  }

  takeCarrierHz(): number {
    return this.#meter.takeHz();
  }

  reset(): void {
    this.#carrier.reset();
    this.#meter.reset();
  }

  clone(): AmEnvelopeDemodulator {
    return new AmEnvelopeDemodulator(this.config);
  }
}
