/** Skips samples of a stream without a click: the audio fades out before them, and in behind them. */
export class Splice {
  #fadeOut = 0;
  #skip = 0;
  #fadeIn: number;

  /** @param fadeSamples Length of each fade, samples. */
  constructor(private readonly fadeSamples: number) {
    this.#fadeIn = fadeSamples;
  }

  /** True while samples are skipped or the audio fades. */
  get active(): boolean {
    return this.#fadeIn < this.fadeSamples;
  }

  /** Skips so many samples from now on, after the fade. */
  skip(samples: number): void {
    if (this.active || samples <= 0) return;
    this.#fadeOut = this.fadeSamples;
    this.#skip = samples;
    this.#fadeIn = 0;
  }

  /** @returns what is left of `samples`, one array per channel: themselves, or copies. */
  process(samples: readonly Float32Array[]): readonly Float32Array[] {
    if (!this.active) return samples;
    const { fadeSamples } = this;
    const length = samples[0]?.length ?? 0;
    const out = Math.min(this.#fadeOut, length);
    const skip = this.#fadeOut > out ? 0 : Math.min(this.#skip, length - out);
    const rest = this.#skip > skip ? 0 : length - out - skip;
    const rising = Math.min(rest, fadeSamples - this.#fadeIn);
    const kept = samples.map((channel) => {
      const all = new Float32Array(out + rest);
      for (let n = 0; n < out; n++) all[n] = (channel[n] * (this.#fadeOut - n - 1)) / fadeSamples;
      for (let n = 0; n < rest; n++) {
        const gain = n < rising ? (this.#fadeIn + n + 1) / fadeSamples : 1;
        all[out + n] = channel[out + skip + n] * gain;
      }
      return all;
    });
    this.#fadeOut -= out;
    this.#skip -= skip;
    this.#fadeIn += rising;
    return kept;
  }
}
