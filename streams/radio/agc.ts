import { FloorMeter } from './floor-meter.js';
import type { Stage } from './stage.js';

/**
 * `off`: gain 1. `slow`: 6 dB down, leaves peaks between −26 and −1 dBFS as they are, and lifts the first speech that is
 * weaker at once. `fast`: brings them to −7…−1 dBFS.
 */
export type AgcSpeed = 'off' | 'slow' | 'fast';

export interface AgcConfig {
  speed: AgcSpeed;
  /** Samples per second, Hz. */
  sampleRate: number;
}

/** Peaks above `high` lower the gain; peaks under `low` for `hang` seconds raise it by `rise` dB/s. */
const SPEEDS = {
  slow: { low: 0.05, high: 0.89, hang: 3, rise: 10, startSeconds: 0 },
  fast: { low: 0.45, high: 0.89, hang: 0.3, rise: 40, startSeconds: 0.25 },
} as const;

/** The peak meter forgets over this long; the gain falls over this long. */
const PEAK_SECONDS = 0.3;
const ATTACK_SECONDS = 0.002;
/** Right after a start, for `startSeconds` or for the first speech, the gain finds its place this fast, dB/s. */
const START_RISE = 400;
/**
 * Speech is what stands 4 dB over the lowest power for 0.15 s. It is too weak when its peaks are under −34 dBFS by then,
 * and brought to where it may still become 15 dB louder.
 */
const WEAK = 0.02;
const SPEECH_RATIO = 2.5;
const SPEECH_FRAMES = 15;
/** Audio that the filters before are still filling with, up to 22 ms of it, would pass for a low floor. */
const FILLING_FRAMES = 5;
const SPEECH_LEVEL = 0.15;
const FRAMES_PER_SECOND = 100;
const MOST_GAIN = 10_000;
/**
 * Gain at the start. Speech that just fits into the converter has peaks of up to √2 in I and Q together; turning it down
 * at each of them costs side-band at 40 dB 1.7 dB (18.0 instead of 19.7, where GNU Radio reaches 19.3).
 */
const START_GAIN = 0.5;

/**
 * Gain control for what has no carrier to go by. It moves only when the level leaves a window: within it the gain stands
 * still, so steady speech is not pumped, and a noise reducer behind it sees steady noise.
 */
export class Agc implements Stage<AgcConfig> {
  readonly latency = 0;
  #gain: number;
  #peak = 0;
  #quiet = 0;
  #seen = 0;
  /** How the first speech is found, and lifted if it is weak. A click before it is no speech. */
  #search: 'listening' | 'lifting' | 'done' = 'listening';
  readonly #floor = new FloorMeter({ frameRate: FRAMES_PER_SECOND });
  readonly #frame: number;
  #inFrame = 0;
  #power = 0;
  #frames = 0;
  #speechFrames = 0;

  constructor(readonly config: Readonly<AgcConfig>) {
    this.#gain = this.#startGain;
    this.#frame = Math.round(config.sampleRate / FRAMES_PER_SECOND);
  }

  get #startGain(): number {
    return this.config.speed === 'off' ? 1 : START_GAIN;
  }

  /** Gain now, dB. */
  get gainDb(): number {
    return 20 * Math.log10(this.#gain);
  }

  /** Gain now, linear; can be set to go on from, where the level of the band is known. */
  get gain(): number {
    return this.#gain;
  }

  set gain(gain: number) {
    this.#gain = gain;
  }

  /**
   * Applies the gain in place; what still exceeds ±1 is cut off there.
   * @param isHeld The squelch is shut: the gain stays, because noise says nothing about the level of the signal.
   */
  process(x: Float32Array, from: number, count: number, isHeld = false): void {
    const { speed, sampleRate } = this.config;
    if (speed === 'off') return;
    if (isHeld) {
      this.#peak = 0;
      for (let n = from; n < from + count; n++) x[n] = Math.max(-1, Math.min(1, x[n] * this.#gain));
      return;
    }
    const { low, high, hang, rise, startSeconds } = SPEEDS[speed];
    const forget = Math.exp(-1 / (PEAK_SECONDS * sampleRate));
    const attack = 1 / (ATTACK_SECONDS * sampleRate);
    const up = 10 ** (rise / 20 / sampleRate);
    const startUp = 10 ** (START_RISE / 20 / sampleRate);
    const hangSamples = hang * sampleRate;
    const startSamples = startSeconds * sampleRate;
    for (let n = from; n < from + count; n++) {
      this.#peak = Math.max(Math.abs(x[n]), this.#peak * forget);
      const level = this.#peak * this.#gain;
      if (this.#search !== 'done') this.#seek(x[n], level);
      const starting = this.#seen < startSamples || this.#search === 'lifting';
      // Silence, as before the filters are filled, says nothing about the level.
      if (this.#peak > 1e-6) this.#seen++;
      if (level > high) this.#gain += attack * (high / this.#peak - this.#gain);
      this.#quiet = level < low ? this.#quiet + 1 : 0;
      const least = this.#search === 'lifting' ? SPEECH_LEVEL : low;
      if (level < least && this.#peak > 1e-6 && (starting || this.#quiet > hangSamples)) {
        this.#gain = Math.min(MOST_GAIN, this.#gain * (starting ? startUp : up));
      }
      x[n] = Math.max(-1, Math.min(1, x[n] * this.#gain));
    }
  }

  /** Decides sample by sample, so that it does not matter how the audio is split into calls. */
  #seek(x: number, level: number): void {
    if (this.#search === 'lifting') {
      if (level >= SPEECH_LEVEL) this.#search = 'done';
      return;
    }
    this.#power += x * x;
    if (++this.#inFrame < this.#frame) return;
    const power = this.#power / this.#frame;
    if (power > 1e-12) this.#frames++;
    const isSpeech = this.#frames > FILLING_FRAMES && this.#floor.push(power) > SPEECH_RATIO;
    this.#speechFrames = isSpeech ? this.#speechFrames + 1 : 0;
    if (this.#speechFrames >= SPEECH_FRAMES) this.#search = level < WEAK ? 'lifting' : 'done';
    this.#inFrame = 0;
    this.#power = 0;
  }

  /** Another station comes: the gain stays, until its first speech is found too weak or too strong. */
  restart(): void {
    this.#search = 'listening';
    this.#floor.reset();
    this.#inFrame = 0;
    this.#power = 0;
    this.#frames = 0;
    this.#speechFrames = 0;
    this.#peak = 0;
    this.#quiet = 0;
  }

  reset(): void {
    this.restart();
    this.#gain = this.#startGain;
    this.#seen = 0;
  }

  clone(): Agc {
    return new Agc(this.config);
  }
}
