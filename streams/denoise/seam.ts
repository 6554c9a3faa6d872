/**
 * Keeps the output whole where a cross-fade breaks off because one of its two denoisers failed: the other goes on from the
 * last sample given out, and the difference to what it would have given goes to zero in a straight line.
 */
export class Seam {
  /** The last sample given out, channel by channel. */
  readonly #last: Float32Array;
  readonly #offsets: Float32Array;
  /** Samples that the offsets still last; at `length` they are yet to be measured. */
  #left = 0;

  /** @param length samples in which the difference goes to zero */
  constructor(
    channels: number,
    private readonly length: number,
  ) {
    this.#last = new Float32Array(channels);
    this.#offsets = new Float32Array(channels);
  }

  /** What is given out from now on comes from another denoiser. */
  break(): void {
    this.#left = this.length;
  }

  reset(): void {
    this.#left = 0;
  }

  /** Joins the next samples, one array a channel, to those before, in place. */
  join(samples: readonly Float32Array[]): void {
    const count = samples[0].length;
    if (count === 0) return;
    samples.forEach((channel, c) => {
      if (this.#left === this.length) this.#offsets[c] = this.#last[c] - channel[0];
      const step = this.#offsets[c] / this.length;
      for (let n = 0; n < Math.min(count, this.#left); n++) channel[n] += (this.#left - n) * step;
      this.#last[c] = channel[count - 1];
    });
    this.#left = Math.max(0, this.#left - count);
  }
}
