/** Largest difference between a source's crystal and the machine's clock that is followed, parts per million. */
const FOLLOWED_PPM = 500;
/** Measurements kept: 8 s or more. */
const REMEMBERED = 1024;
/** Blocks are measured in parts as long as those that a dongle sends. */
const PART_SECONDS = 0.008;
/** Arrivals kept for blocks that have not left yet: half a minute of blocks of 8 ms. */
const MOST_ARRIVALS = 4096;

/** Milliseconds that a sample took: in total, and the part of it before it arrived here. */
export interface Latency {
  total: number;
  source: number;
}

/**
 * Measures how long a sample takes from the aerial or the microphone to the sink. When it was captured follows from when
 * blocks arrive: a block's last sample is never younger than its arrival, so the earliest line through the arrivals is
 * the time of capture (up to the driver's least delay, which nobody can see).
 */
export class LatencyMeter {
  /** Time at which sample 0 was captured, milliseconds; moves with the clocks' drift. */
  #startMs = Number.POSITIVE_INFINITY;
  #lastMs = 0;
  readonly #totals = new Float64Array(REMEMBERED);
  readonly #sources = new Float64Array(REMEMBERED);
  readonly #sorted = new Float64Array(REMEMBERED);
  #count = 0;
  /** Blocks some of whose samples have not left: where they end in the stream, and when they came. */
  readonly #arrivals: { seconds: number; ms: number }[] = [];

  /** @param options.canWait The source is a recording: when it comes late it was held, not captured earlier. Default false. */
  constructor(private readonly options: { canWait?: boolean } = {}) {}

  /** Notes that a block arrived whose last sample lies `seconds` after the start of the stream. */
  arrived(seconds: number, nowMs: number): void {
    const startMs = nowMs - 1000 * seconds;
    const leant = this.#startMs + (nowMs - this.#lastMs) * FOLLOWED_PPM * 1e-6;
    this.#startMs = this.options.canWait ? startMs : Math.min(startMs, leant);
    this.#lastMs = nowMs;
    this.#arrivals.push({ seconds, ms: nowMs });
    if (this.#arrivals.length > MOST_ARRIVALS) this.#arrivals.shift();
  }

  /**
   * Notes a block of `length` seconds that leaves whose first sample, its oldest, was captured `seconds` after the start of
   * the stream. A long block counts once every 8 ms: its last samples waited less than its first.
   */
  left(seconds: number, nowMs: number, length = 0): void {
    if (!Number.isFinite(this.#startMs)) return;
    const parts = Math.max(1, Math.round(length / PART_SECONDS));
    for (let part = 0; part < parts; part++) this.#note(seconds + (part * length) / parts, nowMs);
  }

  #note(seconds: number, nowMs: number): void {
    while (this.#arrivals.length > 1 && this.#arrivals[0].seconds <= seconds) this.#arrivals.shift();
    const captured = this.#startMs + 1000 * seconds;
    const place = this.#count++ % REMEMBERED;
    this.#totals[place] = nowMs - captured;
    this.#sources[place] = this.#arrivals[0].ms - captured;
  }

  /** Forgets the measurements so far, when the stages between have changed. */
  forget(): void {
    this.#count = 0;
  }

  /**
   * Means of the last blocks; `undefined` before the first. Where the source sends blocks, parts of each wait for the next
   * one; only the means of such waits add up.
   *
   * @param blocks over how many; at most 1024
   */
  mean(blocks: number): Latency | undefined {
    const count = Math.min(this.#count, REMEMBERED, blocks);
    if (count === 0) return undefined;
    const of = (figures: Float64Array) => {
      let sum = 0;
      for (let n = 1; n <= count; n++) sum += figures[(this.#count - n) % REMEMBERED];
      return sum / count;
    };
    return { total: of(this.#totals), source: of(this.#sources) };
  }

  /** Milliseconds that a share of the last 1024 blocks stayed under; `undefined` before the first. */
  percentile(share: number): Latency | undefined {
    const count = Math.min(this.#count, REMEMBERED);
    if (count === 0) return undefined;
    const sorted = this.#sorted.subarray(0, count);
    const of = (figures: Float64Array) => {
      sorted.set(figures.subarray(0, count));
      return sorted.sort()[Math.min(count - 1, Math.floor(share * count))];
    };
    return { total: of(this.#totals), source: of(this.#sources) };
  }
}
