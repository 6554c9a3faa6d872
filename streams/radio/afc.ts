import { RunningMean } from './filters/running-mean.js';
import type { Stage } from './stage.js';

export interface AfcConfig {
  /** Calls of `update` per second. */
  updateRate: number;
  /** Furthest correction to either side, Hz. */
  rangeHz: number;
  /** Errors this small are left alone, Hz: correcting them would gain nothing and could be heard. */
  deadBandHz: number;
  /** Fastest correction, Hz per second. */
  slewHz: number;
}

/** Speech has no mean frequency over this long; the carrier's error has. */
const AVERAGING_SECONDS = 0.25;
/** Share of the measured error corrected per averaging time. */
const LOOP_GAIN = 0.8;

/** Automatic frequency correction: follows a carrier that is not where it should be. */
export class Afc implements Stage<AfcConfig> {
  readonly latency = 0;
  readonly #error: RunningMean;
  #offset = 0;
  #measured = 0;

  constructor(readonly config: Readonly<AfcConfig>) {
    this.#error = new RunningMean({ rate: config.updateRate, seconds: AVERAGING_SECONDS });
  }

  /** Correction applied, Hz. */
  get offsetHz(): number {
    return this.#offset;
  }

  /**
   * Takes the frequency error measured since the last call (Hz; NaN or `present` false: no carrier, nothing is learnt);
   * gives the correction to apply.
   */
  update(errorHz: number, present: boolean): number {
    const { updateRate, rangeHz, deadBandHz, slewHz } = this.config;
    if (!present || Number.isNaN(errorHz)) {
      this.#error.reset();
      this.#measured = 0;
      return this.#offset;
    }
    const error = this.#error.push(errorHz);
    this.#measured++;
    if (this.#measured < AVERAGING_SECONDS * updateRate || Math.abs(error) < deadBandHz) return this.#offset;
    const wanted = (error * LOOP_GAIN) / (AVERAGING_SECONDS * updateRate);
    const most = slewHz / updateRate;
    const moved = this.#offset + Math.max(-most, Math.min(most, wanted));
    const next = Math.max(-rangeHz, Math.min(rangeHz, moved));
    this.#error.shift(this.#offset - next);
    this.#offset = next;
    return this.#offset;
  }

  reset(): void {
    this.#error.reset();
    this.#offset = 0;
    this.#measured = 0;
  }

  clone(): Afc {
    return new Afc(this.config);
  }
}
