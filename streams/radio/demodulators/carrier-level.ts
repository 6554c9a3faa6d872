import type { AgcSpeed } from '../agc.js';
import { RunningMean } from '../filters/running-mean.js';
import type { Stage } from '../stage.js';

export interface AmConfig {
  /** Complex samples per second, Hz. */
  rate: number;
  /**
   * What 100 % modulation gives: ±1 whatever the signal's strength, as the audio is divided by the carrier, which `slow` and
   * `fast` follow; `off` the envelope's deviation from the carrier as it is.
   */
  agc: AgcSpeed;
}

/**
 * Time constant of the carrier's mean: short enough to follow fading, and so long that 400 Hz is turned by 0.1° only
 * (0.8 Hz corner); by 0.5° when fast.
 */
const CARRIER_SECONDS = 0.2;
const FAST_CARRIER_SECONDS = 0.05;
/** Within half of this audio passes through the carrier's level at least once each way: down to 20 Hz. */
const WINDOW_SECONDS = 0.05;
/** Broadcasters modulate by up to 125 % upwards; what is more is a carrier that has risen. */
const MOST_PEAK = 2.25;
/** Under this the carrier counts as absent and is not divided by: −180 dBFS. */
const LEAST_CARRIER = 1e-9;
/** The level moves to a carrier that has fallen within this. */
const FALL_SECONDS = 0.003;

/**
 * Takes an AM carrier out of its envelope, and divides by it. Its strength is the mean, except where that cannot be: when the carrier rises, the
 * mean is brought up at once, or the audio would be many times full scale till it is there; when it falls, the strength
 * that audio is divided by falls with the mean, so that noise does not flare up, but the level that audio is measured from
 * goes to where the envelope is: otherwise half a second of full-scale direct current would follow every transmission.
 */
export class CarrierLevel implements Stage<AmConfig> {
  readonly latency = 0;
  readonly #mean: RunningMean;
  readonly #half: number;
  readonly #weight: number;
  #inHalf = 0;
  /** Extremes in this half of the window and in the one before. */
  #high = Number.NEGATIVE_INFINITY;
  #low = Number.POSITIVE_INFINITY;
  #highBefore = Number.NEGATIVE_INFINITY;
  #lowBefore = Number.POSITIVE_INFINITY;
  #fallen = 0;
  #offset = 0;

  constructor(readonly config: Readonly<AmConfig>) {
    const { rate, agc } = config;
    this.#mean = new RunningMean({ rate, seconds: agc === 'fast' ? FAST_CARRIER_SECONDS : CARRIER_SECONDS });
    this.#half = Math.max(1, Math.round((rate * WINDOW_SECONDS) / 2));
    this.#weight = 1 / Math.max(1, FALL_SECONDS * rate);
  }

  /** @returns the audio of a sample of the envelope */
  remove(envelope: number): number {
    let mean = this.#mean.push(envelope);
    this.#high = Math.max(this.#high, envelope);
    this.#low = Math.min(this.#low, envelope);
    const high = Math.max(this.#high, this.#highBefore);
    const least = Math.max(Math.min(this.#low, this.#lowBefore), high / MOST_PEAK);
    if (mean < least) {
      this.#mean.shift(least - mean);
      mean = least;
    }
    this.#fallen += this.#weight * (Math.min(0, high - mean) - this.#fallen);
    if (++this.#inHalf === this.#half) this.#nextHalf();
    const full = this.config.agc === 'off' ? 1 : Math.max(mean, LEAST_CARRIER);
    this.#offset += this.#fallen / full;
    return (envelope - (mean + this.#fallen)) / full;
  }

  #nextHalf(): void {
    this.#inHalf = 0;
    this.#highBefore = this.#high;
    this.#lowBefore = this.#low;
    this.#high = Number.NEGATIVE_INFINITY;
    this.#low = Number.POSITIVE_INFINITY;
  }

  /** As `Demodulator` has it. */
  takeOffset(): number {
    const offset = this.#offset;
    this.#offset = 0;
    return offset;
  }

  reset(): void {
    this.#offset = 0;
    this.#mean.reset();
    this.#inHalf = 0;
    this.#high = Number.NEGATIVE_INFINITY;
    this.#low = Number.POSITIVE_INFINITY;
    this.#highBefore = Number.NEGATIVE_INFINITY;
    this.#lowBefore = Number.POSITIVE_INFINITY;
    this.#fallen = 0;
  }

  clone(): CarrierLevel {
    return new CarrierLevel(this.config);
  }
}
