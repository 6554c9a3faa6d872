import type { Stage } from '../stage.js';

export interface RunningMeanConfig {
  /** Samples per second, Hz. */
  rate: number;
  /** Time constant once that much time has passed, s. */
  seconds: number;
}

/**
 * Mean of what has been seen: the plain one until the time constant has passed, exponential from then on. So it is
 * right from the first sample and has no start transient to settle from.
 */
export class RunningMean implements Stage<RunningMeanConfig> {
  readonly latency = 0;
  #mean = 0;
  /** Mean of the mean, for `subtract`. */
  #smooth = 0;
  #seen = 0;
  readonly #window: number;

  constructor(readonly config: Readonly<RunningMeanConfig>) {
    this.#window = Math.max(1, Math.round(config.rate * config.seconds));
  }

  get mean(): number {
    return this.#mean;
  }

  push(value: number): number {
    if (this.#seen < this.#window) this.#seen++;
    this.#mean += (value - this.#mean) / this.#seen;
    return this.#mean;
  }

  /**
   * Subtracts the mean of the mean in place, sample by sample. The mean alone, young as it is at a start, moves with every
   * sample: at 0.1 s it takes 500 Hz in at −50 dB, its mean at −100 dB.
   */
  subtract(x: Float32Array, from: number, count: number): void {
    const window = this.#window;
    let mean = this.#mean;
    let smooth = this.#smooth;
    let seen = this.#seen;
    for (let n = from; n < from + count; n++) {
      if (seen < window) seen++;
      mean += (x[n] - mean) / seen;
      smooth += (mean - smooth) / seen;
      x[n] -= smooth;
    }
    this.#mean = mean;
    this.#smooth = smooth;
    this.#seen = seen;
  }

  /** Moves the mean, when the cause of a step in the values is known. */
  shift(by: number): void {
    this.#mean += by;
    this.#smooth += by;
  }

  reset(): void {
    this.#mean = 0;
    this.#smooth = 0;
    this.#seen = 0;
  }

  clone(): RunningMean {
    return new RunningMean(this.config);
  }
}
