/** The right to run a trial, for as long as it is renewed. */
export interface Lease {
  readonly trial: number;
}

/**
 * Hands out trials to whoever is free. It carries numbers only: what a trial is, and what became of it, stands in the journal of the study.
 *
 * Contract:
 * - Any number of workers may call at any time.
 * - A trial is in the queue once at most: enqueued again while it waits or is leased, it stays as it is.
 * - `lease` hands a trial to one worker. When its lease is neither renewed nor ended in time, the trial is handed to another one.
 * - So a trial is run at least once; that it ends once only is the journal's doing. A worker whose lease was lost may go on for a
 *   while, and nothing it writes to the journal counts.
 * - After `complete` the queue has forgotten the trial, and it may be enqueued again; after `fail` it waits again.
 *   With a lease that was lost, both change nothing.
 *
 * `trialQueueChecks` in `denoise/tuning/testing` check all this.
 */
export interface TrialQueue {
  /** Milliseconds between heartbeats: a third of a lease. */
  readonly heartbeatMs: number;
  enqueue(trial: number): Promise<void>;
  /** A trial that waits; `undefined` when none does. Does not wait for one. */
  lease(): Promise<Lease | undefined>;
  /** Renews a lease, well before it ends: every {@link heartbeatMs}. @returns false when it was lost */
  heartbeat(lease: Lease): Promise<boolean>;
  complete(lease: Lease): Promise<void>;
  fail(lease: Lease): Promise<void>;
  close(): Promise<void>;
}
