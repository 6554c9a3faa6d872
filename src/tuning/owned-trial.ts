import type { Params } from './distribution.js';
import type { Journal } from './journal/journal.js';
import { toJsonNumber } from './journal/records.js';
import type { Pruner, Verdict } from './pruners/pruner.js';
import type { TrialError, TrialRecord } from './trial.js';

/** What a report is answered with; `lost`: somebody else owns the trial now, and nothing said here counts any more. */
export type Answer = Verdict | 'lost';

/**
 * A running trial in the hands of the one who claimed it. Every method says whether the trial was still owned; what a former owner
 * says changes nothing, so a worker that was frozen and wakes up does no harm.
 */
export class OwnedTrial {
  constructor(
    private readonly journal: Journal,
    private readonly pruner: Pruner,
    readonly number: number,
    private readonly token: string,
  ) {}

  /** What is known of the trial now. */
  get record(): TrialRecord {
    return this.journal.state.trials[this.number];
  }

  get params(): Params {
    return this.record.params;
  }

  /** Seed of all that is drawn in the trial. */
  get seed(): number {
    return this.record.seed;
  }

  /** The step up to which no report can stop the trial; `undefined` when any can. */
  get nextRung(): number | undefined {
    return this.record.toEnd
      ? Number.POSITIVE_INFINITY
      : this.pruner.nextRung?.(this.record, this.journal.state);
  }

  /**
   * Says what was reached on the way, and asks whether to go on. A value that is not finite prunes.
   * @param step greater than that of the last report; an earlier one is not written again
   */
  async report(step: number, value: number): Promise<Answer> {
    const { number: trial, token } = this;
    if (!(await this.journal.write({ op: 'report', trial, token, step, value: toJsonNumber(value) })))
      return 'lost';
    if (!Number.isFinite(value)) return 'prune';
    const { record } = this;
    const repeated = record.reports[record.reports.length - 1]?.step !== step;
    return record.toEnd || repeated ? 'continue' : this.pruner.judge(record, this.journal.state);
  }

  /** @param values one per objective @param constraints each ≤ 0 where it holds */
  complete(values: readonly number[], constraints?: readonly number[]): Promise<boolean> {
    const { number: trial, token } = this;
    return this.journal.write({
      op: 'end',
      trial,
      token,
      state: 'complete',
      values: values.map(toJsonNumber),
      ...(constraints === undefined ? {} : { constraints: constraints.map(toJsonNumber) }),
    });
  }

  /** Ends the trial for good before it is complete. */
  prune(): Promise<boolean> {
    return this.journal.write({ op: 'end', trial: this.number, token: this.token, state: 'pruned' });
  }

  fail(error: TrialError): Promise<boolean> {
    return this.journal.write({ op: 'end', trial: this.number, token: this.token, state: 'failed', error });
  }

  /** Stops the trial, which keeps what it needs to go on when it is promoted. */
  pause(): Promise<boolean> {
    return this.journal.write({ op: 'pause', trial: this.number, token: this.token });
  }

  /** Gives the trial back, for whoever is free. */
  release(): Promise<boolean> {
    return this.journal.write({ op: 'release', trial: this.number, token: this.token });
  }

  /** Writes something to the trial, for readers and analyses. @param value JSON */
  setAttribute(key: string, value: unknown): Promise<boolean> {
    return this.journal.write({ op: 'attribute', trial: this.number, key, value });
  }
}
