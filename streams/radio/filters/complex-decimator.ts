import type { Stage } from '../stage.js';

/** Doubles inside the chain, where converting every sample at every tap would cost a quarter of the time. */
type Planar = Float64Array;

export interface ComplexDecimatorConfig {
  /** Symmetric real taps of odd length. */
  taps: Float64Array;
  /** Keep one output of this many. */
  factor: number;
  /** The largest number of samples ever written before a `run`. */
  maxInput: number;
}

/**
 * Symmetric FIR low-pass on planar complex samples that computes only the outputs it keeps. The stage before writes
 * straight into `i` and `q` from `writeAt` on, so that a chain needs no copies.
 */
export class ComplexDecimator implements Stage<ComplexDecimatorConfig> {
  readonly latency: number;
  /** Where the stage before writes: `[writeAt, writeAt + count)`. */
  readonly i: Float64Array;
  readonly q: Float64Array;
  readonly writeAt: number;
  /** Taps by distance from the middle one. */
  readonly #half: Float64Array;
  /** Distance between non-zero taps: 2 in a half-band filter, whose even ones are zero. */
  readonly #step: number;
  #untilNext = 0;

  constructor(readonly config: Readonly<ComplexDecimatorConfig>) {
    const { taps, factor, maxInput } = config;
    this.latency = (taps.length - 1) / 2;
    this.#half = taps.slice(this.latency);
    this.#step =
      factor === 2 && this.#half.every((tap, d) => d === 0 || d % 2 === 1 || Math.abs(tap) < 1e-12) ? 2 : 1;
    this.writeAt = taps.length - 1;
    this.i = new Float64Array(this.writeAt + maxInput);
    this.q = new Float64Array(this.writeAt + maxInput);
  }

  /** Most samples that `run(maxInput)` can give. */
  get maxOutput(): number {
    return Math.ceil(this.config.maxInput / this.config.factor);
  }

  /** Filters the `count` samples written at `writeAt` into `outI`, `outQ` from `at` on; gives how many came out. */
  run(count: number, outI: Planar, outQ: Planar, at: number): number {
    const { i, q, latency } = this;
    const half = this.#half;
    const step = this.#step;
    const factor = this.config.factor;
    const first = this.#untilNext;
    let to = at;
    let middle = this.writeAt - latency + first;
    const end = this.writeAt - latency + count;
    for (; middle < end; middle += factor) {
      let sumI = half[0] * i[middle];
      let sumQ = half[0] * q[middle];
      for (let d = 1; d <= latency; d += step) {
        const tap = half[d];
        sumI += tap * (i[middle - d] + i[middle + d]);
        sumQ += tap * (q[middle - d] + q[middle + d]);
      }
      outI[to] = sumI;
      outQ[to] = sumQ;
      to++;
    }
    this.#untilNext = middle - end;
    i.copyWithin(0, count, count + this.writeAt);
    q.copyWithin(0, count, count + this.writeAt);
    return to - at;
  }

  reset(): void {
    this.i.fill(0);
    this.q.fill(0);
    this.#untilNext = 0;
  }

  clone(): ComplexDecimator {
    return new ComplexDecimator(this.config);
  }
}
