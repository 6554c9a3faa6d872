/** Token buckets, one per key: so many at once, and so many a second after that. */
export class RateLimit {
  readonly #buckets = new Map<string, { left: number; at: number }>();

  /**
   * @param burst how many at once @param perSecond how many a second are given back
   * @param now the time, milliseconds; for tests
   */
  constructor(
    private readonly burst: number,
    private readonly perSecond: number,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** Whether one more of `key` is within the limit; counts it if so. */
  take(key: string): boolean {
    const now = this.now();
    const bucket = this.#buckets.get(key) ?? { left: this.burst, at: now };
    bucket.left = Math.min(this.burst, bucket.left + ((now - bucket.at) / 1000) * this.perSecond);
    bucket.at = now;
    this.#buckets.set(key, bucket);
    // Full buckets remember nothing: without this a scan from many addresses would fill the memory.
    if (this.#buckets.size > 10_000) this.#forgetFull(now);
    if (bucket.left < 1) return false;
    bucket.left--;
    return true;
  }

  #forgetFull(now: number): void {
    for (const [key, { left, at }] of this.#buckets)
      if (left + ((now - at) / 1000) * this.perSecond >= this.burst) this.#buckets.delete(key);
  }
}
