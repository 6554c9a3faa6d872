import type { Stage } from './stage.js';

export interface FloorMeterConfig {
  /** Frames per second. */
  frameRate: number;
}

/** The power of a frame is smoothed over this long; the floor rises by so much per second. */
const SMOOTHING_SECONDS = 0.04;
const RISE_DB_PER_SECOND = 3;

/**
 * Signal over noise where there is no carrier (side-band, CW): the smoothed power over the lowest it has recently been.
 * The floor falls at once and rises slowly, so speech stands out of it and steady noise does not.
 */
export class FloorMeter implements Stage<FloorMeterConfig> {
  readonly latency = 0;
  readonly #weight: number;
  readonly #rise: number;
  #power = -1;
  #floor = -1;

  constructor(readonly config: Readonly<FloorMeterConfig>) {
    this.#weight = 1 / (SMOOTHING_SECONDS * config.frameRate);
    this.#rise = 10 ** (RISE_DB_PER_SECOND / 10 / config.frameRate);
  }

  /** The lowest smoothed power of late; −1 before the first frame. */
  get floor(): number {
    return this.#floor;
  }

  /** Takes a frame's mean power; gives (signal + noise) / noise, linear, ≥ 1. */
  push(power: number): number {
    if (this.#power < 0) {
      this.#power = power;
      this.#floor = power;
    }
    this.#power += Math.min(1, this.#weight) * (power - this.#power);
    this.#floor = Math.min(this.#floor * this.#rise, this.#power);
    return this.#floor > 0 ? this.#power / this.#floor : 1;
  }

  reset(): void {
    this.#power = -1;
    this.#floor = -1;
  }

  clone(): FloorMeter {
    return new FloorMeter(this.config);
  }
}
