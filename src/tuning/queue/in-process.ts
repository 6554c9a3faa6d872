import type { Lease, TrialQueue } from './trial-queue.js';

interface Leased {
  lease: Lease;
  /** Milliseconds on the queue's clock. */
  ends: number;
}

export interface InProcessQueueOptions {
  /** Default 30 s. */
  leaseMs?: number;
  /** Milliseconds that never go back; for tests. */
  now?(): number;
}

/** The queue of workers that share a process. */
export class InProcessQueue implements TrialQueue {
  readonly heartbeatMs: number;
  readonly #leaseMs: number;
  readonly #now: () => number;
  /** In the order in which they came. */
  readonly #waiting = new Set<number>();
  readonly #leased = new Map<number, Leased>();

  constructor({ leaseMs = 30_000, now = () => performance.now() }: InProcessQueueOptions = {}) {
    this.#leaseMs = leaseMs;
    this.#now = now;
    this.heartbeatMs = leaseMs / 3;
  }

  async enqueue(trial: number): Promise<void> {
    if (!this.#leased.has(trial)) this.#waiting.add(trial);
  }

  async lease(): Promise<Lease | undefined> {
    for (const [trial, { ends }] of this.#leased) if (ends <= this.#now()) this.#giveBack(trial);
    const [trial] = this.#waiting;
    if (trial === undefined) return undefined;
    this.#waiting.delete(trial);
    const lease = { trial };
    this.#leased.set(trial, { lease, ends: this.#now() + this.#leaseMs });
    return lease;
  }

  async heartbeat(lease: Lease): Promise<boolean> {
    const leased = this.#holds(lease);
    if (leased !== undefined) leased.ends = this.#now() + this.#leaseMs;
    return leased !== undefined;
  }

  async complete(lease: Lease): Promise<void> {
    if (this.#holds(lease) !== undefined) this.#leased.delete(lease.trial);
  }

  async fail(lease: Lease): Promise<void> {
    if (this.#holds(lease) !== undefined) this.#giveBack(lease.trial);
  }

  #holds(lease: Lease): Leased | undefined {
    const leased = this.#leased.get(lease.trial);
    return leased?.lease === lease && leased.ends > this.#now() ? leased : undefined;
  }

  #giveBack(trial: number): void {
    this.#leased.delete(trial);
    this.#waiting.add(trial);
  }

  async close(): Promise<void> {}
}
