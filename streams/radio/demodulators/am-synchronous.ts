import { RunningMean } from '../filters/running-mean.js';
import type { Demodulator } from '../stage.js';
import { type AmConfig, CARRIER_SECONDS, LEAST_CARRIER } from './am-envelope.js';
import { phaseOf } from './phase.js';

/** Noise bandwidth of the loop while searching and once locked, Hz; between them it narrows within 0.3 s. */
const SEARCH_HZ = 120;
const LOCKED_HZ = 25;
const NARROWING_SECONDS = 0.3;

/**
 * AM by a phase-locked loop on the carrier: the part in phase with it is the sound, so that noise at right angles
 * falls out and a fading carrier does not distort. Loop: second order, damping 1/√2 (Gardner, Phaselock Techniques).
 */
export class AmSynchronousDemodulator implements Demodulator<AmConfig> {
  readonly latency = 0;
  readonly #carrier: RunningMean;
  /** Phase in radians, frequency in radians per sample. */
  #phase = 0;
  #frequency = 0;
  #seen = 0;
  #sumFrequency = 0;
  #counted = 0;

  constructor(readonly config: Readonly<AmConfig>) {
    this.#carrier = new RunningMean({ rate: config.rate, seconds: CARRIER_SECONDS });
  }

  process(i: Float64Array, q: Float64Array, from: number, count: number, out: Float32Array): void {
    const { rate, normalise } = this.config;
    for (let n = from; n < from + count; n++) {
      if (this.#seen === 0) this.#phase = phaseOf(i[n], q[n]);
      const c = Math.cos(this.#phase);
      const s = Math.sin(this.#phase);
      const inPhase = i[n] * c + q[n] * s;
      const across = q[n] * c - i[n] * s;
      const error = phaseOf(inPhase, across);
      const narrowing = Math.exp(-this.#seen / (NARROWING_SECONDS * rate));
      const noiseHz = LOCKED_HZ + (SEARCH_HZ - LOCKED_HZ) * narrowing;
      const natural = (noiseHz * 2) / (1.06 * rate);
      this.#frequency += natural * natural * error;
      this.#phase += this.#frequency + Math.SQRT2 * natural * error;
      if (this.#phase > Math.PI) this.#phase -= 2 * Math.PI;
      else if (this.#phase < -Math.PI) this.#phase += 2 * Math.PI;
      this.#sumFrequency += this.#frequency;
      this.#counted++;
      this.#seen++;
      const carrier = this.#carrier.push(inPhase);
      out[n] = (inPhase - carrier) / (normalise ? Math.max(carrier, LEAST_CARRIER) : 1);
    }
  }

  takeCarrierHz(): number {
    const hz = ((this.#sumFrequency / this.#counted) * this.config.rate) / (2 * Math.PI);
    this.#sumFrequency = 0;
    this.#counted = 0;
    return hz;
  }

  reset(): void {
    this.#carrier.reset();
    this.#phase = 0;
    this.#frequency = 0;
    this.#seen = 0;
    this.#sumFrequency = 0;
    this.#counted = 0;
  }

  clone(): AmSynchronousDemodulator {
    return new AmSynchronousDemodulator(this.config);
  }
}
