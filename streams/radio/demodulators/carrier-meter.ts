import { phaseOf } from './phase.js';

/** Mean frequency of a carrier: the angle of the mean turn from sample to sample, where strong ones count most. */
export class CarrierMeter {
  #i = 0;
  #q = 0;
  #turnRe = 0;
  #turnIm = 0;

  /** @param rate complex samples per second, Hz */
  constructor(readonly rate: number) {}

  /** Takes planar complex samples at `[from, from + count)`. */
  measure(i: Float32Array, q: Float32Array, from: number, count: number): void {
    for (let n = from; n < from + count; n++) {
      const re = i[n];
      const im = q[n];
      this.#turnRe += re * this.#i + im * this.#q;
      this.#turnIm += im * this.#i - re * this.#q;
      this.#i = re;
      this.#q = im;
    }
  }

  /** The frequency since the last call, Hz; NaN where there was nothing but silence. */
  takeHz(): number {
    const present = this.#turnRe !== 0 || this.#turnIm !== 0;
    const angle = present ? phaseOf(this.#turnRe, this.#turnIm) : Number.NaN;
    this.#turnRe = 0;
    this.#turnIm = 0;
    return (angle * this.rate) / (2 * Math.PI);
  }

  reset(): void {
    this.#i = 0;
    this.#q = 0;
    this.#turnRe = 0;
    this.#turnIm = 0;
  }
}
