import { ComplexFir } from '../../../src/audio/complex-fir.js';
import type { Stage } from '../stage.js';

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
 * straight into `i` and `q` from `writeAt` on.
 */
export class ComplexDecimator implements Stage<ComplexDecimatorConfig> {
  readonly latency: number;
  /** Where the stage before writes: `[writeAt, writeAt + count)`. */
  readonly i: Float32Array;
  readonly q: Float32Array;
  readonly writeAt: number;
  readonly #fir: ComplexFir;
  #untilNext = 0;

  constructor(readonly config: Readonly<ComplexDecimatorConfig>) {
    const { taps, maxInput } = config;
    this.latency = (taps.length - 1) / 2;
    this.writeAt = taps.length - 1;
    this.#fir = new ComplexFir(taps, this.writeAt + maxInput, this.maxOutput);
    this.i = this.#fir.i;
    this.q = this.#fir.q;
  }

  /** Most samples that `run(maxInput)` can give. */
  get maxOutput(): number {
    return Math.ceil(this.config.maxInput / this.config.factor);
  }

  /** Filters the `count` samples written at `writeAt` into `outI`, `outQ` from `at` on; gives how many came out. */
  run(count: number, outI: Float32Array, outQ: Float32Array, at: number): number {
    const { i, q, writeAt } = this;
    const { factor } = this.config;
    const outputs = Math.max(0, Math.ceil((count - this.#untilNext) / factor));
    if (outputs > 0) {
      this.#fir.run(this.#untilNext, factor, outputs);
      const { outI: doneI, outQ: doneQ } = this.#fir;
      for (let n = 0; n < outputs; n++) {
        outI[at + n] = doneI[n];
        outQ[at + n] = doneQ[n];
      }
    }
    this.#untilNext += outputs * factor - count;
    i.copyWithin(0, count, count + writeAt);
    q.copyWithin(0, count, count + writeAt);
    return outputs;
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
