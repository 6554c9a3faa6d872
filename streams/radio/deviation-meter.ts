import type { Stage } from './stage.js';

export interface DeviationMeterConfig {
  /** Samples per second, Hz. */
  rate: number;
  /** Samples per frame. */
  frame: number;
  /** Deviation that ±1 stands for, Hz. */
  deviationHz: number;
}

/** Averaged over so long, seconds, the noise above the voice does not count as deviation. */
const SMOOTHING_SECONDS = 0.0002;
/** Frames with a voice that one reading is made of, 2 s of talk; who swings less than this is silent, Hz. */
const TALK_FRAMES = 200;
const LEAST_TALK_HZ = 400;
/** One frame in so many may swing further: a click of the receiver. */
const OUTLIERS = 50;
/** Below this carrier-to-noise ratio noise swings further than the voice, dB. */
const LEAST_SNR_DB = 15;

/** How far an FM station swings when it talks. */
export class DeviationMeter implements Stage<DeviationMeterConfig> {
  readonly latency = 0;
  /** Hz; `undefined` before 2 s of talk were heard. */
  deviationHz: number | undefined;
  readonly #weight: number;
  readonly #peaks: number[] = [];
  #smooth = 0;
  #high = 0;

  constructor(readonly config: Readonly<DeviationMeterConfig>) {
    this.#weight = Math.min(1, 1 / (SMOOTHING_SECONDS * config.rate));
  }

  process(x: Float32Array, from: number, count: number): void {
    let smooth = this.#smooth;
    let high = this.#high;
    for (let n = from; n < from + count; n++) {
      smooth += this.#weight * (x[n] - smooth);
      high = Math.max(high, Math.abs(smooth));
    }
    this.#smooth = smooth;
    this.#high = high;
  }

  /** Ends a frame of this carrier-to-noise ratio, dB. */
  endFrame(snrDb: number): void {
    const swing = this.#high * this.config.deviationHz;
    this.#high = 0;
    if (snrDb < LEAST_SNR_DB || swing < LEAST_TALK_HZ) return;
    if (this.#peaks.push(swing) < TALK_FRAMES) return;
    this.#peaks.sort((a, b) => b - a);
    this.deviationHz = this.#peaks[TALK_FRAMES / OUTLIERS];
    this.#peaks.length = 0;
  }

  reset(): void {
    this.deviationHz = undefined;
    this.#peaks.length = 0;
    this.#smooth = 0;
    this.#high = 0;
  }

  clone(): DeviationMeter {
    return new DeviationMeter(this.config);
  }
}
