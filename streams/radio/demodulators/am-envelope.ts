import type { AgcSpeed } from '../agc.js';
import type { Demodulator } from '../stage.js';
import { CarrierLevel } from './carrier-level.js';
import { CarrierMeter } from './carrier-meter.js';

export interface AmConfig {
  /** Complex samples per second, Hz. */
  rate: number;
  /**
   * What 100 % modulation gives: ±1 whatever the signal's strength, as the sound is divided by the carrier, which `slow` and
   * `fast` follow; `off` the envelope's deviation from the carrier as it is.
   */
  agc: AgcSpeed;
}

/** Under this the carrier counts as absent and is not divided by: −180 dBFS. */
export const LEAST_CARRIER = 1e-9;

/** AM by the envelope: needs no lock, but at low signal-to-noise ratios rectifies the noise. */
export class AmEnvelopeDemodulator implements Demodulator<AmConfig> {
  readonly latency = 0;
  readonly #carrier: CarrierLevel;
  readonly #meter: CarrierMeter;
  #offset = 0;

  constructor(readonly config: Readonly<AmConfig>) {
    this.#carrier = new CarrierLevel({ rate: config.rate, fast: config.agc === 'fast' });
    this.#meter = new CarrierMeter(config.rate);
  }

  process(i: Float64Array, q: Float64Array, from: number, count: number, out: Float32Array): void {
    this.#meter.measure(i, q, from, count);
    const { agc } = this.config;
    const carrier = this.#carrier;
    for (let n = from; n < from + count; n++) {
      const re = i[n];
      const im = q[n];
      const envelope = Math.sqrt(re * re + im * im);
      carrier.push(envelope);
      const full = agc !== 'off' ? Math.max(carrier.strength, LEAST_CARRIER) : 1;
      out[n] = (envelope - carrier.level) / full;
      this.#offset += (carrier.level - carrier.strength) / full;
    }
  }

  takeCarrierHz(): number {
    return this.#meter.takeHz();
  }

  takeOffset(): number {
    const offset = this.#offset;
    this.#offset = 0;
    return offset;
  }

  reset(): void {
    this.#offset = 0;
    this.#carrier.reset();
    this.#meter.reset();
  }

  clone(): AmEnvelopeDemodulator {
    return new AmEnvelopeDemodulator(this.config);
  }
}
