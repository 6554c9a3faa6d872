import type { LiveDenoiser } from './live-denoiser.js';
import type { MixTimeline } from './mix-timeline.js';

/** A call of the denoiser, and how many samples it gets. */
export interface FeedJob {
  samples: number;
  run(): Promise<Float32Array[]>;
}

/** Feeds the samples of a timeline to a denoiser, and returns its output to the places that the samples came from. */
export class DenoiserFeed {
  /** Index of the next sample for the denoiser. */
  fed = 0;
  /** Stretches that are in the denoiser, oldest first; what it gives belongs to them in this order. */
  readonly #inside: { start: number; count: number }[] = [];
  /** Places where it must be reset. */
  readonly #breaks: number[] = [];
  /** Whether it has had input since the last reset. */
  #used = false;

  /** @param mostSamples Largest job. */
  constructor(
    private readonly timeline: MixTimeline,
    private readonly denoiser: LiveDenoiser,
    private readonly mostSamples: number,
  ) {}

  /** The signal before sample `at` and from there on have nothing to do with each other. */
  breakAt(at: number): void {
    if (this.#breaks.at(-1) !== at) this.#breaks.push(at);
  }

  /** @param ended No more samples will come. */
  next(ended: boolean): FeedJob | undefined {
    while (this.#breaks[0] === this.fed) {
      this.#breaks.shift();
      if (this.#used) return this.#flush();
    }
    const count = Math.min((this.#breaks[0] ?? this.timeline.received) - this.fed, this.mostSamples);
    if (count > 0) return this.#process(count);
    return ended && this.#used ? this.#flush() : undefined;
  }

  /** Returns the output of a job to its places. */
  takeBack(wet: Float32Array[]): void {
    const length = wet[0]?.length ?? 0;
    for (let done = 0; done < length && this.#inside.length > 0; ) {
      const [stretch] = this.#inside;
      const count = Math.min(stretch.count, length - done);
      const part = wet.map((channel) => channel.subarray(done, done + count));
      this.timeline.addWet(stretch.start, part);
      stretch.start += count;
      stretch.count -= count;
      done += count;
      if (stretch.count === 0) this.#inside.shift();
    }
  }

  /** Resets the denoiser and goes on with the next sample to come, after a failure. */
  startAgain(): void {
    this.fed = this.timeline.received;
    this.#breaks.length = 0;
    this.#inside.length = 0;
    this.#used = false;
    this.denoiser.reset();
  }

  /** Goes on with the next sample to come; the backlog is skipped. The denoiser keeps its state. */
  skip(): void {
    if (this.#breaks.length > 0) this.startAgain();
    else this.fed = this.timeline.received;
  }

  #process(count: number): FeedJob {
    return {
      samples: count,
      run: () => {
        const last = this.#inside.at(-1);
        if (last !== undefined && last.start + last.count === this.fed) last.count += count;
        else this.#inside.push({ start: this.fed, count });
        const samples = this.timeline.dry(this.fed, count);
        this.fed += count;
        this.#used = true;
        return this.denoiser.process(samples);
      },
    };
  }

  #flush(): FeedJob {
    return {
      samples: 0,
      run: async () => {
        const rest = await this.denoiser.flush();
        this.denoiser.reset();
        this.#used = false;
        return rest;
      },
    };
  }
}
