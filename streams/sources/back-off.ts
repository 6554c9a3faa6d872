export interface BackOffOptions {
  /** First wait in milliseconds; default 250. */
  firstMs?: number;
  /** Longest wait in milliseconds; default 10 000. */
  maxMs?: number;
  /** Factor from one wait to the next; default 2. */
  factor?: number;
  /** Attempts before giving up; default no limit. */
  attempts?: number;
}

/** Exponential waiting times: 250, 500, 1000, … 10 000, 10 000 ms. */
export class BackOff {
  private readonly options: Required<BackOffOptions>;
  private count = 0;

  constructor(options: BackOffOptions = {}) {
    this.options = { firstMs: 250, maxMs: 10_000, factor: 2, attempts: Number.POSITIVE_INFINITY, ...options };
  }

  /** Attempts since the last success. */
  get attempt(): number {
    return this.count;
  }

  /** Milliseconds to wait before the next attempt; `undefined` when there shall be no other. */
  next(): number | undefined {
    if (this.count >= this.options.attempts) return undefined;
    const { firstMs, factor, maxMs } = this.options;
    return Math.min(maxMs, firstMs * factor ** Math.min(this.count++, 64));
  }

  /** Called when it worked: the next failure starts from the first wait again. */
  reset(): void {
    this.count = 0;
  }
}
