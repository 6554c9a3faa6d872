import type { Stage } from './stage.js';

export interface KeyingMeterConfig {
  /** Samples per second, Hz. */
  rate: number;
  /** Samples per frame. */
  frame: number;
}

/** Far below where transmitters cut voices off, Hz: data reaches down to 0. */
const LOW_HZ = 120;
/** Frames that are looked at together, 0.5 s, and how many times in a row that must look like data. */
const FRAMES = 50;
const WINDOWS = 2;
/** Data: least carrier-to-noise ratio, dB, and least RMS of the audio, full deviation 1. */
const LEAST_SNR_DB = 12;
const LEAST_RMS = 0.06;
/** Spread of the power of frames of 10 ms, dB: 0.5 for 4800 random symbols a second, 6 and more for a voice. */
const MOST_SPREAD_DB = 1.5;
/** Share of the power under `LOW_HZ`: 0.04 for 4800 symbols a second, 0.007 for a tone of 400 Hz, nearly all of a CTCSS or DCS code. */
const SHARES = [0.02, 0.85] as const;

/**
 * Tells keyed FM (DMR, P25, System Fusion, D-STAR, POCSAG) from a voice: it is equally strong in every frame, and reaches down to
 * 0 Hz. What is sent in bursts of 30 ms, as by a DMR hand-held without a repeater, is not seen.
 */
export class KeyingMeter implements Stage<KeyingMeterConfig> {
  readonly latency = 0;
  isKeyed = false;
  readonly #weight: number;
  #first = 0;
  #second = 0;
  #power = 0;
  #lowPower = 0;
  #frames = 0;
  /** Sums over the frames of a window: of dB, dB², power, and power under `LOW_HZ`. */
  #db = 0;
  #db2 = 0;
  #sum = 0;
  #lowSum = 0;
  #windows = 0;

  constructor(readonly config: Readonly<KeyingMeterConfig>) {
    this.#weight = 1 - Math.exp((-2 * Math.PI * LOW_HZ) / config.rate);
  }

  process(x: Float32Array, from: number, count: number): void {
    for (let n = from; n < from + count; n++) {
      this.#first += this.#weight * (x[n] - this.#first);
      this.#second += this.#weight * (this.#first - this.#second);
      this.#power += x[n] * x[n];
      this.#lowPower += this.#second * this.#second;
    }
  }

  /** Ends a frame of this carrier-to-noise ratio, dB. @param hasTone A CTCSS tone is heard: it is no data. */
  endFrame(snrDb: number, hasTone: boolean): void {
    const db = 10 * Math.log10(this.#power / this.config.frame + 1e-12);
    this.#db += db;
    this.#db2 += db * db;
    this.#sum += this.#power;
    this.#lowSum += this.#lowPower;
    this.#power = 0;
    this.#lowPower = 0;
    if (snrDb < LEAST_SNR_DB || hasTone) this.#clear();
    else if (++this.#frames === FRAMES) this.#decide();
  }

  #decide(): void {
    const spread = Math.sqrt(Math.max(0, this.#db2 / FRAMES - (this.#db / FRAMES) ** 2));
    const rms = Math.sqrt(this.#sum / FRAMES / this.config.frame);
    const share = this.#lowSum / Math.max(this.#sum, 1e-30);
    const looksKeyed =
      rms >= LEAST_RMS && spread <= MOST_SPREAD_DB && share >= SHARES[0] && share <= SHARES[1];
    const windows = looksKeyed ? this.#windows + 1 : 0;
    this.#clear();
    this.#windows = windows;
    this.isKeyed = windows >= WINDOWS;
  }

  #clear(): void {
    this.isKeyed = false;
    this.#windows = 0;
    this.#frames = 0;
    this.#db = 0;
    this.#db2 = 0;
    this.#sum = 0;
    this.#lowSum = 0;
  }

  reset(): void {
    this.#clear();
    this.#first = 0;
    this.#second = 0;
    this.#power = 0;
    this.#lowPower = 0;
  }

  clone(): KeyingMeter {
    return new KeyingMeter(this.config);
  }
}
