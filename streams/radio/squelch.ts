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
  /** FM: a strong signal that ends is told from one that fades, and shut off at once. */
  shutsAtOnce: boolean;
}

/** Once open, this much less keeps it open, dB. */
const HYSTERESIS_DB = 2;
/** A signal is strong this far above the threshold, dB; that is forgotten at this rate, dB/s. */
const STRONG_DB = 8;
const FORGET_DB_PER_SECOND = 20;
/** It has ended when so many frames in a row are noise, each this much weaker than it was, dB. */
const ENDED_FRAMES = 2;
const ENDED_DROP_DB = 5;
/** Reopened within this, seconds, it hangs twice as long the next time, up to so many times: it would chatter. */
const CHATTER_SECONDS = 1;
const MOST_HANGS = 16;

/** What the meters say of the last frame, dBFS and dB. */
export interface SquelchReading {
  /** Smoothed over some frames. */
  levelDb: number;
  snrDb: number;
  /** Of the frame alone. */
  frameLevelDb: number;
  frameSnrDb: number;
}

/** Decides whether there is a signal, with hysteresis and hang time. It silences nothing: that is left to the last stage. */
export class Squelch implements Stage<SquelchConfig> {
  readonly latency = 0;
  #open: boolean;
  #hang = 0;
  readonly #hangFrames: number;
  #hangs = 1;
  #sinceShut = Number.POSITIVE_INFINITY;
  /** Ratio and level that the signal had, with slow decay. */
  #strengthDb = Number.NEGATIVE_INFINITY;
  #heldLevelDb = Number.NEGATIVE_INFINITY;
  #noiseFrames = 0;

  constructor(readonly config: Readonly<SquelchConfig>) {
    this.#open = config.options.kind === 'off';
    this.#hangFrames = Math.round(config.hangSeconds * config.frameRate);
  }

  get open(): boolean {
    return this.#open;
  }

  /** Decides for the frames to come. */
  decide(reading: SquelchReading): boolean {
    const { options, noiseThresholdDb, frameRate } = this.config;
    if (options.kind === 'off') return true;
    const value = options.kind === 'carrier' ? reading.levelDb : reading.snrDb;
    const threshold = options.thresholdDb ?? noiseThresholdDb;
    const isOver = this.#hasEnded(reading, threshold);
    if (!isOver && value >= (this.#open ? threshold - HYSTERESIS_DB : threshold)) {
      if (!this.#open)
        this.#hangs =
          this.#sinceShut < CHATTER_SECONDS * frameRate ? Math.min(2 * this.#hangs, MOST_HANGS) : 1;
      this.#open = true;
      this.#hang = this.#hangFrames * this.#hangs;
    } else if (this.#hang > 0 && !isOver) this.#hang--;
    else this.#shut();
    this.#sinceShut++;
    return this.#open;
  }

  #shut(): void {
    if (this.#open) this.#sinceShut = 0;
    this.#open = false;
    this.#hang = 0;
    this.#strengthDb = Number.NEGATIVE_INFINITY;
    this.#noiseFrames = 0;
  }

  /** A strong signal does not fade to nothing between two frames: noise instead of it is its end. */
  #hasEnded({ snrDb, levelDb, frameSnrDb, frameLevelDb }: SquelchReading, threshold: number): boolean {
    const { options, shutsAtOnce, frameRate } = this.config;
    if (!shutsAtOnce || options.kind !== 'noise' || !this.#open) return false;
    const isStrong = this.#strengthDb >= threshold + STRONG_DB;
    const isNoise =
      isStrong && frameSnrDb < threshold - HYSTERESIS_DB && frameLevelDb < this.#heldLevelDb - ENDED_DROP_DB;
    this.#noiseFrames = isNoise ? this.#noiseFrames + 1 : 0;
    if (!isNoise) {
      this.#strengthDb = Math.max(snrDb, this.#strengthDb - FORGET_DB_PER_SECOND / frameRate);
      this.#heldLevelDb = levelDb;
    }
    return this.#noiseFrames >= ENDED_FRAMES;
  }

  reset(): void {
    this.#shut();
    this.#open = this.config.options.kind === 'off';
    this.#hangs = 1;
    this.#sinceShut = Number.POSITIVE_INFINITY;
    this.#heldLevelDb = Number.NEGATIVE_INFINITY;
  }

  clone(): Squelch {
    return new Squelch(this.config);
  }
}
