import { SampleQueue } from '../../src/audio/sample-queue.js';

/** The most recent input of a slot, numbered as the slot counts its samples. */
export class InputHistory {
  /** While set, samples from this index on are kept, however old they become. */
  keptFrom = Number.POSITIVE_INFINITY;
  readonly #samples: SampleQueue[];
  #start = 0;

  /** @param most How many samples are kept. */
  constructor(
    channels: number,
    private readonly most: number,
  ) {
    this.#samples = Array.from({ length: channels }, () => new SampleQueue());
  }

  /** Index of the oldest sample, and after the newest. */
  get start(): number {
    return this.#start;
  }

  get end(): number {
    return this.#start + this.#samples[0].length;
  }

  push(samples: readonly Float32Array[]): void {
    this.#samples.forEach((queue, c) => void queue.push(samples[c]));
    const from = Math.min(this.end - this.most, this.keptFrom);
    if (from <= this.#start) return;
    for (const queue of this.#samples) queue.drop(from - this.#start);
    this.#start = from;
  }

  /** Copies of `count` samples from `start` on. */
  read(start: number, count: number): Float32Array[] {
    return this.#samples.map((queue) => queue.peek(count, start - this.#start).slice());
  }

  /** Forgets all; the next sample has the index that it would have had. */
  clear(): void {
    this.#start = this.end;
    for (const queue of this.#samples) queue.clear();
  }
}
