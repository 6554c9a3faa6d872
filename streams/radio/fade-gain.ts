import type { Stage } from './stage.js';

export interface FadeGainConfig {
  /** Samples per second, Hz. */
  rate: number;
  /** Samples per frame; the gain moves on a line from frame to frame, so that it is no modulation. */
  frame: number;
}

/**
 * Power of a voice over that of its carrier, pauses included. Speech of five sources, sent with peaks of 80 %, has 0.004 to 0.035
 * (crest 13 to 22 dB). Low is the safe side: on three of these voices, 0.002 and 0.006 give 4.0 and 5.1, -0.4 and -0.1, 3.1 and
 * 2.1 dB where the carrier fades by 20 dB at 0.3 Hz, and 4.1 and 3.5, 2.7 and 1.7, 2.2 and 1.4 dB in selective fading; 0.04 is worse.
 */
const VOICE_POWER = 0.003;
/** A station that is weak all the time is brought back to full loudness at this rate, dB/s… */
const REFERENCE_DB_PER_SECOND = 1;
/** … as far as one of this carrier-to-noise ratio needs, dB. */
const LEAST_REFERENCE_DB = 15;

/** Share of voice in what is heard of a channel with so much noise over its carrier, linear. Half of it lies across the carrier. */
const voiceShare = (noise: number): number => VOICE_POWER / (VOICE_POWER + noise / 2);

/**
 * What dividing by a fading carrier needs behind it: where the carrier sinks the noise rises, and the best estimate of the
 * voice is what there is times S / (S + N), the share of voice in it (Wiener 1949, for a gain without memory). The gain is
 * relative to the best share of the last seconds. So noise is never lifted above the voice, with a carrier or without.
 */
export class FadeGain implements Stage<FadeGainConfig> {
  readonly latency = 0;
  #gain = 1;
  #reference = 0;
  readonly #decay: number;
  #step = 0;
  #left = 0;

  constructor(readonly config: Readonly<FadeGainConfig>) {
    this.#decay = 10 ** ((-REFERENCE_DB_PER_SECOND / 20) * (config.frame / config.rate));
  }

  /**
   * Sets the gain that the next frame ends with.
   * @param noise noise in the channel over the carrier, linear
   */
  follow(noise: number): void {
    const share = voiceShare(noise);
    this.#reference = Math.max(
      share,
      this.#reference * this.#decay,
      voiceShare(10 ** (-LEAST_REFERENCE_DB / 10)),
    );
    const target = share / this.#reference;
    this.#left = this.config.frame;
    this.#step = (target - this.#gain) / this.#left;
  }

  /** Applies the gain in place. */
  process(x: Float32Array, from: number, count: number): void {
    for (let n = from; n < from + count; n++) {
      if (this.#left > 0) {
        this.#gain += this.#step;
        this.#left--;
      }
      x[n] *= this.#gain;
    }
  }

  reset(): void {
    this.#gain = 1;
    this.#reference = 0;
    this.#step = 0;
    this.#left = 0;
  }

  clone(): FadeGain {
    return new FadeGain(this.config);
  }
}
