import type { LiveDenoiser, OpenDenoiser } from '../../streams/denoise/live-denoiser.js';

export interface HopDenoiserOptions {
  hop: number;
  latencySamples: number;
  gain?: number;
  /** Share of the output before in each sample: what it heard before then matters. Default 0. */
  memory?: number;
  channels?: number;
}

/** Works in hops as a model does: scales, and remembers if told to. */
export class HopDenoiser implements LiveDenoiser {
  readonly latencySamples: number;
  resets = 0;
  closes = 0;
  /** When set, the next job fails with it. */
  failure: Error | undefined;
  /** When set, jobs wait for it. */
  held: Promise<void> | undefined;
  #pending: number[][] = [];
  #ready: number[][] = [];
  #last: number[] = [];

  constructor(readonly options: HopDenoiserOptions) {
    this.latencySamples = options.latencySamples;
    this.#clear();
  }

  open(sampleRate: number): OpenDenoiser {
    return { denoiser: this, hopSeconds: this.options.hop / sampleRate, close: () => void this.closes++ };
  }

  async process(samples: readonly Float32Array[]): Promise<Float32Array[]> {
    await this.held;
    if (this.failure !== undefined) throw this.failure;
    const { hop } = this.options;
    this.#pending.forEach((pending, c) => void pending.push(...samples[c]));
    this.#hear(Math.floor(this.#pending[0].length / hop) * hop);
    return this.#give(this.#ready[0].length - this.latencySamples);
  }

  async flush(): Promise<Float32Array[]> {
    this.#hear(this.#pending[0].length);
    return this.#give(this.#ready[0].length);
  }

  reset(): void {
    this.resets++;
    this.#clear();
  }

  #hear(count: number): void {
    const { gain = 1, memory = 0 } = this.options;
    this.#pending.forEach((pending, c) => {
      for (const x of pending.splice(0, count)) {
        this.#last[c] = memory * this.#last[c] + (1 - memory) * gain * x;
        this.#ready[c].push(this.#last[c]);
      }
    });
  }

  #give(count: number): Float32Array[] {
    return this.#ready.map((ready) => Float32Array.from(ready.splice(0, Math.max(0, count))));
  }

  #clear(): void {
    const { channels = 1 } = this.options;
    this.#pending = Array.from({ length: channels }, () => []);
    this.#ready = Array.from({ length: channels }, () => []);
    this.#last = new Array(channels).fill(0);
  }
}
