import type { LiveDenoiser } from '../../streams/denoise/live-denoiser.js';
import { ManualClock } from './manual-clock.js';

/**
 * Half the input, `latencySamples` late as a model is, and as slow as a test wants. Its output for each sample depends on
 * nothing but that sample, so that every place can be checked.
 */
export class HalvingDenoiser implements LiveDenoiser {
  /** Milliseconds that a job takes on the clock; 0 for none at all. */
  slowMs = 0;
  /** When set, the next job fails with it. */
  failure: Error | undefined;
  resets = 0;
  jobs = 0;
  #owed: Float32Array[] = [];

  constructor(
    readonly channels: number,
    readonly latencySamples: number,
    private readonly clock = new ManualClock(),
  ) {
    this.#owed = this.#nothing();
  }

  async process(samples: readonly Float32Array[]): Promise<Float32Array[]> {
    this.jobs++;
    if (this.failure !== undefined) throw this.failure;
    if (this.slowMs > 0) await new Promise<void>((resolve) => this.clock.after(this.slowMs, resolve));
    const all = this.#owed.map((owed, c) => Float32Array.of(...owed, ...samples[c].map((x) => x / 2)));
    const ready = Math.max(0, all[0].length - this.latencySamples);
    this.#owed = all.map((channel) => channel.slice(ready));
    return all.map((channel) => channel.slice(0, ready));
  }

  async flush(): Promise<Float32Array[]> {
    const rest = this.#owed;
    this.#owed = this.#nothing();
    return rest;
  }

  reset(): void {
    this.resets++;
    this.#owed = this.#nothing();
  }

  #nothing(): Float32Array[] {
    return Array.from({ length: this.channels }, () => new Float32Array(0));
  }
}
