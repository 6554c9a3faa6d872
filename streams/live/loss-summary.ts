import type { Clock, Timer } from '../clock.js';
import type { SourceNotice } from '../sources/chunk-source.js';

/** How often losses are told at most, milliseconds. */
const INTERVAL_MS = 2000;

/** Passes notices on, but sums up losses of one reason that follow each other closely: a slow machine loses 30 times a second. */
export class LossSummary {
  readonly #untilMs = new Map<string, number>();
  readonly #timers = new Map<string, Timer>();
  readonly #summed = new Map<string, Extract<SourceNotice, { kind: 'lost' }>>();

  constructor(
    private readonly clock: Clock,
    private readonly tell: (notice: SourceNotice) => void,
  ) {}

  push(notice: SourceNotice): void {
    if (notice.kind !== 'lost') {
      this.tell(notice);
      return;
    }
    const { reason } = notice;
    const now = this.clock.now();
    if (now >= (this.#untilMs.get(reason) ?? 0)) {
      this.#untilMs.set(reason, now + INTERVAL_MS);
      this.tell(notice);
      return;
    }
    const waiting = this.#summed.get(reason);
    if (waiting === undefined)
      this.#timers.set(
        reason,
        this.clock.after(INTERVAL_MS, () => this.#flush(reason)),
      );
    const known =
      notice.lostSamples !== undefined && (waiting === undefined || waiting.lostSamples !== undefined);
    this.#summed.set(reason, {
      ...notice,
      lostSamples: known ? notice.lostSamples! + (waiting?.lostSamples ?? 0n) : undefined,
    });
  }

  /** Tells what was held back, at the end. */
  end(): void {
    for (const reason of [...this.#summed.keys()]) this.#flush(reason);
    for (const timer of this.#timers.values()) timer.cancel();
  }

  #flush(reason: string): void {
    const notice = this.#summed.get(reason);
    if (notice === undefined) return;
    this.#summed.delete(reason);
    this.#untilMs.set(reason, this.clock.now() + INTERVAL_MS);
    this.tell(notice);
  }
}
