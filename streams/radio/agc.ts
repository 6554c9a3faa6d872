import type { Stage } from './stage.js';

/** `off`: gain 1. `slow`: 6 dB down, leaves peaks between −26 and −1 dBFS as they are. `fast`: brings them to −7…−1 dBFS. */
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
/** Right after a start, for `startSeconds`, the gain finds its place this fast, dB/s. */
const START_RISE = 400;
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

  constructor(readonly config: Readonly<AgcConfig>) {
    this.#gain = this.#startGain;
  }

  get #startGain(): number {
    return this.config.speed === 'off' ? 1 : START_GAIN;
  }

  /** Gain now, dB. */
  get gainDb(): number {
    return 20 * Math.log10(this.#gain);
  }

  /** Applies the gain in place; what still exceeds ±1 is cut off there. */
  process(x: Float32Array, from: number, count: number): void {
    const { speed, sampleRate } = this.config;
    if (speed === 'off') return;
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
      const starting = this.#seen < startSamples;
      // Silence, as before the filters are filled or behind a closed squelch, says nothing about the level.
      if (this.#peak > 1e-6) this.#seen++;
      if (level > high) this.#gain += attack * (high / this.#peak - this.#gain);
      this.#quiet = level < low ? this.#quiet + 1 : 0;
      if (level < low && this.#peak > 1e-6 && (starting || this.#quiet > hangSamples)) {
        this.#gain = Math.min(MOST_GAIN, this.#gain * (starting ? startUp : up));
      }
      x[n] = Math.max(-1, Math.min(1, x[n] * this.#gain));
    }
  }

  reset(): void {
    this.#gain = this.#startGain;
    this.#peak = 0;
    this.#quiet = 0;
    this.#seen = 0;
  }

  clone(): Agc {
    return new Agc(this.config);
  }
}
