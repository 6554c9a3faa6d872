import type { Demodulator } from '../stage.js';
import { type AmConfig, CarrierLevel } from './carrier-level.js';
import { CarrierMeter } from './carrier-meter.js';

/** AM by the envelope: needs no lock, but at low signal-to-noise ratios rectifies the noise. */
export class AmEnvelopeDemodulator implements Demodulator<AmConfig> {
  readonly latency = 0;
  readonly #carrier: CarrierLevel;
  readonly #meter: CarrierMeter;

  constructor(readonly config: Readonly<AmConfig>) {
    this.#carrier = new CarrierLevel(config);
    this.#meter = new CarrierMeter(config.rate);
  }

  process(i: Float32Array, q: Float32Array, from: number, count: number, out: Float32Array): void {
    this.#meter.measure(i, q, from, count);
    const carrier = this.#carrier;
    for (let n = from; n < from + count; n++) {
      const re = i[n];
      const im = q[n];
      const envelope = Math.sqrt(re * re + im * im);
      out[n] = carrier.remove(envelope);
    }
  }

  takeCarrierHz(): number {
    return this.#meter.takeHz();
  }

  takeOffset(): number {
    return this.#carrier.takeOffset();
  }

  reset(): void {
    this.#carrier.reset();
    this.#meter.reset();
  }

  clone(): AmEnvelopeDemodulator {
    return new AmEnvelopeDemodulator(this.config);
  }
}
