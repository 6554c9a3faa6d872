/** Crystals differ by up to this from the machine's clock: the line that captures lie on may lean so much. */
const FOLLOWED_PPM = 500;
/** Figures that percentiles are taken over. */
const REMEMBERED = 1024;

/**
 * Measures how long a sample takes from the aerial or the microphone to the sink. When it was captured follows from when
 * blocks arrive: a block's last sample is never younger than its arrival, so the earliest line through the arrivals is
 * the time of capture (up to the driver's least delay, which nobody can see).
 */
export class LatencyMeter {
  /** Time at which sample 0 was captured, milliseconds; moves with the clocks' drift. */
  #startMs = Number.POSITIVE_INFINITY;
  #lastMs = 0;
  readonly #latencies = new Float64Array(REMEMBERED);
  #count = 0;

  /** @param options.canWait The source is a recording: when it comes late it was held, not captured earlier. Default false. */
  constructor(private readonly options: { canWait?: boolean } = {}) {}

  /** Notes that a block arrived whose last sample lies `seconds` after the start of the stream. */
  arrived(seconds: number, nowMs: number): void {
    const startMs = nowMs - 1000 * seconds;
    const leant = this.#startMs + (nowMs - this.#lastMs) * FOLLOWED_PPM * 1e-6;
    this.#startMs = this.options.canWait ? startMs : Math.min(startMs, leant);
    this.#lastMs = nowMs;
  }

  /** Notes that a block leaves whose first sample was captured `seconds` after the start of the stream. */
  left(seconds: number, nowMs: number): void {
    if (!Number.isFinite(this.#startMs)) return;
    this.#latencies[this.#count++ % REMEMBERED] = nowMs - this.#startMs - 1000 * seconds;
  }

  /** Milliseconds that a share of the last blocks stayed under; `undefined` before the first. */
  percentile(share: number): number | undefined {
    const count = Math.min(this.#count, REMEMBERED);
    if (count === 0) return undefined;
    return this.#latencies.slice(0, count).sort()[Math.min(count - 1, Math.floor(share * count))];
  }
}
