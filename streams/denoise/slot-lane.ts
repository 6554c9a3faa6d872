import { SampleQueue } from '../../src/audio/sample-queue.js';
import type { OpenDenoiser } from './live-denoiser.js';

/** One denoiser in a slot: what it was given and what it gave, numbered as the slot counts its samples. */
export class SlotLane {
  /** Index of the next sample to give it. */
  fed: number;
  readonly #outputs: SampleQueue[];
  /** Index of the oldest output sample that waits. */
  #start: number;

  /** @param start Index of the first sample that it will be given. */
  constructor(
    readonly opened: OpenDenoiser,
    channels: number,
    start: number,
  ) {
    this.fed = start;
    this.#start = start;
    this.#outputs = Array.from({ length: channels }, () => new SampleQueue());
  }

  /** Index after the newest output sample. */
  get end(): number {
    return this.#start + this.#outputs[0].length;
  }

  async feed(samples: readonly Float32Array[]): Promise<void> {
    this.fed += samples[0].length;
    this.#keep(await this.opened.denoiser.process(samples));
  }

  async flush(): Promise<void> {
    this.#keep(await this.opened.denoiser.flush());
  }

  /** Takes the output samples from `start`, which must be there, up to `end`; older ones are left out. */
  take(start: number, end: number): Float32Array[] {
    this.dropUntil(start);
    this.#start = end;
    return this.#outputs.map((queue) => queue.take(end - start));
  }

  /** Leaves out all output before `index`. */
  dropUntil(index: number): void {
    const count = Math.min(Math.max(0, index - this.#start), this.#outputs[0].length);
    for (const queue of this.#outputs) queue.drop(count);
    this.#start += count;
  }

  /** Starts afresh with sample `at`. */
  reset(at: number): void {
    this.opened.denoiser.reset();
    for (const queue of this.#outputs) queue.clear();
    this.fed = at;
    this.#start = at;
  }

  #keep(samples: readonly Float32Array[]): void {
    this.#outputs.forEach((queue, c) => void queue.push(samples[c]));
  }
}
