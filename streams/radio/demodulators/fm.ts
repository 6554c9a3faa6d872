import type { Demodulator } from '../stage.js';
import { phaseOf } from './phase.js';

export interface FmConfig {
  /** Complex samples per second, Hz. */
  rate: number;
  /** Frequency deviation that gives ±1, Hz. */
  deviationHz: number;
}

/** Frequency discriminator: the angle between neighbouring samples. The first sample gives 0. */
export class FmDemodulator implements Demodulator<FmConfig> {
  /** The angle belongs to the middle between its two samples. */
  readonly latency = 0.5;
  #i = 0;
  #q = 0;
  #turned = 0;
  #counted = 0;

  constructor(readonly config: Readonly<FmConfig>) {}

  process(i: Float32Array, q: Float32Array, from: number, count: number, out: Float32Array): void {
    const { rate, deviationHz } = this.config;
    const scale = rate / (2 * Math.PI * deviationHz);
    let lastI = this.#i;
    let lastQ = this.#q;
    let turned = this.#turned;
    for (let n = from; n < from + count; n++) {
      const re = i[n];
      const im = q[n];
      const angle = phaseOf(re * lastI + im * lastQ, im * lastI - re * lastQ);
      turned += angle;
      out[n] = scale * angle;
      lastI = re;
      lastQ = im;
    }
    this.#i = lastI;
    this.#q = lastQ;
    this.#turned = turned;
    this.#counted += count;
  }

  takeCarrierHz(): number {
    const hz = (this.#turned / this.#counted) * (this.config.rate / (2 * Math.PI));
    this.#turned = 0;
    this.#counted = 0;
    return hz;
  }

  reset(): void {
    this.#i = 0;
    this.#q = 0;
    this.#turned = 0;
    this.#counted = 0;
  }

  clone(): FmDemodulator {
    return new FmDemodulator(this.config);
  }
}
