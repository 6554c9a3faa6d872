export interface OverloadOptions {
  /** Hz. */
  sampleRate: number;
  /** By how much more than its latency the denoiser may lag behind, seconds. */
  maxLateSeconds: number;
  /** Longest stretch that the source sends at once, seconds. */
  blockSeconds: number;
}

/** Least and most seconds of pass-through after an overload; doubled each time it comes again soon. */
const SHORTEST_SECONDS = 0.5;
const LONGEST_SECONDS = 30;
/** An overload within this time after the last one doubles the pause, seconds. */
const RECURRENCE_SECONDS = 10;

/**
 * Decides when a denoiser that does not keep up is bypassed, and when it is tried again. All by counts of samples, so
 * that the same stream gives the same decisions on every machine.
 */
export class OverloadGuard {
  /** True while the denoiser is bypassed. */
  passing = false;
  /** Times the denoiser fell behind. */
  overloads = 0;
  #resumeAt = 0;
  #resumedAt = Number.NEGATIVE_INFINITY;
  #pause = SHORTEST_SECONDS;
  #largestBlock: number;

  constructor(private readonly options: OverloadOptions) {
    this.#largestBlock = Math.ceil(options.blockSeconds * options.sampleRate);
  }

  /** Samples that may wait beyond the latency: a block that the source sends at once is not lateness. */
  get limit(): number {
    return Math.ceil(this.options.maxLateSeconds * this.options.sampleRate) + this.#largestBlock;
  }

  /** Notes a chunk. */
  arrived(samples: number): void {
    this.#largestBlock = Math.max(this.#largestBlock, samples);
  }

  /**
   * @param waiting samples that wait beyond the latency. @param received samples received in all.
   * @returns true when the overload begins now.
   */
  check(waiting: number, received: number): boolean {
    if (this.passing || waiting <= this.limit) return false;
    const { sampleRate } = this.options;
    const soon = received - this.#resumedAt < RECURRENCE_SECONDS * sampleRate;
    this.#pause = soon ? Math.min(LONGEST_SECONDS, 2 * this.#pause) : SHORTEST_SECONDS;
    this.#resumeAt = received + this.#pause * sampleRate;
    this.passing = true;
    this.overloads++;
    return true;
  }

  /** @returns true when the denoiser is to resume now. */
  resumes(received: number): boolean {
    if (!this.passing || received < this.#resumeAt) return false;
    this.passing = false;
    this.#resumedAt = received;
    return true;
  }
}
