import type { Stage } from './stage.js';

/** When the squelch is open. */
export type SquelchOptions =
  /** Always. */
  | { kind: 'off' }
  /** While the power in the channel is above `thresholdDb`, dBFS. */
  | { kind: 'carrier'; thresholdDb: number }
  /**
   * While the signal stands out of its noise: for FM and AM by the carrier-to-noise ratio, measured above the voice; for
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
}

/** Once open, this much less keeps it open, dB. */
const HYSTERESIS_DB = 2;

/** Decides whether there is a signal, with hysteresis and hang time. It silences nothing: that is left to the last stage. */
export class Squelch implements Stage<SquelchConfig> {
  readonly latency = 0;
  #open: boolean;
  #hang = 0;
  readonly #hangFrames: number;

  constructor(readonly config: Readonly<SquelchConfig>) {
    this.#open = config.options.kind === 'off';
    this.#hangFrames = Math.round(config.hangSeconds * config.frameRate);
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

  reset(): void {
    this.#open = this.config.options.kind === 'off';
    this.#hang = 0;
  }

  clone(): Squelch {
    return new Squelch(this.config);
  }
}
