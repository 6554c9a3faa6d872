import { setTimeout as delay } from 'node:timers/promises';
import { DenoiseError, OutputError, toDenoiseError } from '../errors.js';
import type { Answer, OwnedTrial } from './owned-trial.js';
import type { Lease, TrialQueue } from './queue/trial-queue.js';
import { type StopRules, whyStop } from './stop-rules.js';
import type { Study } from './study.js';
import type { TrialRecord } from './trial.js';

/** How a stretch of a trial ended. `paused`, `pruned`, `lost` are answers that were obeyed; `released`: stopped by the signal. */
export type Outcome =
  | { state: 'complete'; values: readonly number[]; constraints?: readonly number[] }
  | { state: 'paused' | 'pruned' | 'lost' | 'released' };

/** A trial as its objective sees it. */
export interface TrialContext {
  trial: OwnedTrial;
  /** Writes what was reached; anything but `continue` is to be obeyed, with a checkpoint first where the answer is `pause`. */
  report(step: number, value: number): Promise<Answer>;
  /** Aborts when the trial is to stop with a checkpoint, soon. */
  signal: AbortSignal;
}

/**
 * Runs a trial, from its beginning or from where it stopped: `trial.record.claims` above 1 says that somebody has run it before.
 * An error that it throws is the trial's own: it fails, and the study goes on. An `OutputError` ends the study instead: the disk is
 * full, and the trial goes on where it stood when the study does.
 */
export type Objective = (context: TrialContext) => Promise<Outcome>;

export interface RunStudyOptions {
  /** Trials at the same time. Default 1. */
  workers?: number;
  stop?: StopRules;
  /** Of the best trials that are paused in the end, how many are run to their end. Default 1. */
  finishBest?: number;
  signal?: AbortSignal;
  /** Told after every change of a trial. */
  onChange?(trial: TrialRecord): void;
  /** Milliseconds between looks at the queue while there is nothing to do. Default 200. */
  pollMs?: number;
}

/** Failures one after the other, with no success before them, that end a study: the fault is not in the configuration. */
const MOST_FAILURES = 3;

/**
 * Works on a study until it is done: makes trials, runs them, pauses and promotes. Any number of programs may do so at the same time,
 * with queues and storages that they share.
 * @returns why it ended, for a reader
 * @throws the signal's reason; the error of the trials when the first ones all fail
 */
export async function runStudy(
  study: Study,
  queue: TrialQueue,
  objective: Objective,
  options: RunStudyOptions = {},
): Promise<string> {
  const work = new Work(study, queue, objective, options);
  const results = await Promise.allSettled(Array.from({ length: options.workers ?? 1 }, () => work.loop()));
  const failed = results.find((result) => result.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
  options.signal?.throwIfAborted();
  return work.reason;
}

class Work {
  readonly #began = performance.now();
  readonly #stop = new AbortController();
  reason = 'there is nothing left to try';
  #firstErrors: DenoiseError[] | undefined = [];
  #finishing = false;

  constructor(
    private readonly study: Study,
    private readonly queue: TrialQueue,
    private readonly objective: Objective,
    private readonly options: RunStudyOptions,
  ) {
    options.signal?.addEventListener('abort', () => this.#stop.abort(), { once: true });
    if (options.signal?.aborted) this.#stop.abort();
  }

  async loop(): Promise<void> {
    try {
      while (!this.#stop.signal.aborted) {
        await this.study.sync();
        if (this.#enough()) return;
        const lease =
          (await this.queue.lease()) ?? ((await this.#fill()) ? await this.queue.lease() : undefined);
        if (lease !== undefined) await this.#run(lease);
        else if (this.#isDone()) return;
        else await this.#wait();
      }
    } catch (error) {
      this.#stop.abort();
      throw error;
    }
  }

  #enough(): boolean {
    const why = whyStop(this.options.stop ?? {}, this.study.view, (performance.now() - this.#began) / 1000);
    if (why === undefined) return false;
    this.reason = why;
    this.#stop.abort();
    return true;
  }

  /** Puts into the queue what waits, or a promoted or a new trial. @returns whether there is anything to lease */
  async #fill(): Promise<boolean> {
    // Also those that run: where their worker is lost together with the queue, they come back; else the queue has them already.
    const open = this.study.trials.filter(({ state }) => state === 'waiting' || state === 'running');
    for (const { number } of open) await this.queue.enqueue(number);
    if (open.some(({ state }) => state === 'waiting')) return true;
    const { stop = {}, finishBest = 1 } = this.options;
    const next = await this.study.next(this.#finishing ? 0 : stop.trials);
    if (next !== undefined) {
      await this.queue.enqueue(next);
      this.#changed(next);
      return true;
    }
    if (open.length > 0) return false;
    // Nobody runs anything, and nothing is to be promoted: the last word is with the best that were paused.
    if (stop.trials !== undefined && this.study.trials.length >= stop.trials)
      this.reason = `${stop.trials} trials are made`;
    this.#finishing = true;
    const last = await this.study.finishBest(finishBest);
    for (const number of last) await this.queue.enqueue(number);
    return last.length > 0;
  }

  #isDone(): boolean {
    return (
      this.#finishing && !this.study.trials.some(({ state }) => state === 'waiting' || state === 'running')
    );
  }

  async #run(lease: Lease): Promise<void> {
    const { trial: number } = lease;
    const trial = await this.study.claim(number, true);
    if (trial === undefined) return this.queue.complete(lease);
    this.#changed(number);
    const lost = new AbortController();
    const beat = setInterval(async () => {
      // Unreachable for a moment is not lost: the journal decides.
      const held = await this.queue.heartbeat(lease).catch(() => true);
      if (!held) lost.abort();
    }, this.queue.heartbeatMs);
    try {
      const outcome = await this.#outcomeOf(trial, AbortSignal.any([this.#stop.signal, lost.signal]));
      await this.#settle(trial, lease, outcome);
    } catch (error) {
      // Given back where that can still be written; else it is taken over, as from a worker that was killed.
      if (error instanceof OutputError)
        await this.#settle(trial, lease, { state: 'released' }).catch(() => {});
      throw error;
    } finally {
      clearInterval(beat);
      this.#changed(number);
    }
  }

  async #outcomeOf(trial: OwnedTrial, signal: AbortSignal): Promise<Outcome | DenoiseError> {
    let unwritten: unknown;
    const report = async (step: number, value: number): Promise<Answer> => {
      const answer = await trial.report(step, value).catch((error) => {
        unwritten = error;
        throw error;
      });
      this.#changed(trial.number);
      return answer;
    };
    try {
      return await this.objective({ trial, report, signal });
    } catch (error) {
      // A journal or a disk that cannot be written to is no fault of the trial, which goes on when it can.
      if (unwritten !== undefined) throw unwritten;
      const known = toDenoiseError(error, `Trial ${trial.number}`);
      if (known instanceof OutputError) throw known;
      return known;
    }
  }

  async #settle(trial: OwnedTrial, lease: Lease, outcome: Outcome | DenoiseError): Promise<void> {
    if (outcome instanceof DenoiseError) {
      await trial.fail({ code: outcome.code, message: outcome.message });
      await this.queue.complete(lease);
      this.#countFailure(outcome);
      return;
    }
    if (outcome.state === 'complete') await trial.complete(outcome.values, outcome.constraints);
    if (outcome.state === 'paused') await trial.pause();
    if (outcome.state === 'pruned') await trial.prune();
    if (outcome.state === 'released') {
      await trial.release();
      return this.queue.fail(lease);
    }
    this.#firstErrors = undefined;
    return this.queue.complete(lease);
  }

  #countFailure(error: DenoiseError): void {
    this.#firstErrors?.push(error);
    if (this.#firstErrors !== undefined && this.#firstErrors.length >= MOST_FAILURES) throw error;
  }

  #changed(number: number): void {
    this.options.onChange?.(this.study.trials[number]);
  }

  async #wait(): Promise<void> {
    await delay(this.options.pollMs ?? 200, undefined, { signal: this.#stop.signal }).catch(() => {});
  }
}
