import type { Stage } from './stage.js';

/** When sound is let through. */
export type SquelchOptions =
  /** Always. */
  | { kind: 'off' }
  /** While the power in the channel is above `thresholdDb`, dBFS. */
  | { kind: 'carrier'; thresholdDb: number }
  /**
   * While the sound stands out of its noise: for FM and AM, measured above the voice, by a carrier-to-noise ratio; for
   * side-band and CW by the power over the noise floor, so that a voice opens it. `thresholdDb`: dB, default 6, for AM 9.
   */
  | { kind: 'noise'; thresholdDb?: number };

export interface SquelchConfig {
  options: SquelchOptions;
  /** Threshold by noise where `options` has none, dB. */
  noiseThresholdDb: number;
  /** Frames per second at which `decide` is called. */
  frameRate: number;
  /** How long it stays open after the last frame that was loud enough, s. */
  hangSeconds: number;
  /** Samples per second of what is gated, Hz. */
  sampleRate: number;
}

/** Once open, this much less keeps it open, dB. */
const HYSTERESIS_DB = 2;
/** Opening and closing take this long, s: no click. */
const RAMP_SECONDS = 0.004;

/** Gate with hysteresis and hang time; opens and closes over a ramp. */
export class Squelch implements Stage<SquelchConfig> {
  readonly latency = 0;
  #open: boolean;
  #gain: number;
  #hang = 0;
  readonly #hangFrames: number;
  readonly #step: number;

  constructor(readonly config: Readonly<SquelchConfig>) {
    this.#open = config.options.kind === 'off';
    this.#gain = this.#open ? 1 : 0;
    this.#hangFrames = Math.round(config.hangSeconds * config.frameRate);
    this.#step = 1 / (RAMP_SECONDS * config.sampleRate);
  }

  get open(): boolean {
    return this.#open;
  }

  /** Decides for the frames to come from the last one's level (dBFS) and signal-to-noise ratio (dB). */
  decide(levelDb: number, snrDb: number): boolean {
    const { options, noiseThresholdDb } = this.config;
    if (options.kind === 'off') return true;
    const value = options.kind === 'carrier' ? levelDb : snrDb;
    const threshold = options.thresholdDb ?? noiseThresholdDb;
    if (value >= (this.#open ? threshold - HYSTERESIS_DB : threshold)) {
      this.#open = true;
      this.#hang = this.#hangFrames;
    } else if (this.#hang > 0) this.#hang--;
    else this.#open = false;
    return this.#open;
  }

  /** Lets `x` through or silences it, in place. */
  gate(x: Float32Array, from: number, count: number): void {
    const target = this.#open ? 1 : 0;
    let gain = this.#gain;
    if (gain === target && target === 1) return;
    for (let n = from; n < from + count; n++) {
      gain = target === 1 ? Math.min(1, gain + this.#step) : Math.max(0, gain - this.#step);
      x[n] *= gain;
    }
    this.#gain = gain;
  }

  reset(): void {
    this.#open = this.config.options.kind === 'off';
    this.#gain = this.#open ? 1 : 0;
    this.#hang = 0;
  }

  clone(): Squelch {
    return new Squelch(this.config);
  }
}
