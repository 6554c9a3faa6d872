import { basename } from 'node:path';
import { toDenoiseError } from '../../errors.js';
import { TrainingWatch } from '../diagnose/index.js';
import type { Trainer } from '../loop/trainer.js';
import type { EpochEvent, StepEvent, SteppedBackEvent, TrainingEvent } from '../loop/training-events.js';
import { encodeTrainingState } from '../loop/training-state.js';
import type { OpenTask } from '../tasks/task.js';
import type { TrainingJob } from '../tasks/tasks.js';
import type { RunFolder } from './run-folder.js';
import type { RunOptions, RunResult } from './run-options.js';

/** The checkpoint that a run goes on from. */
export const STATE = 'state.bin';

/** Steps of an epoch that are recorded; of more, every second, third, … 10 000 would make hundreds of megabytes. */
const MOST_STEP_RECORDS = 500;

/** One stretch of a run: from where its trainer stands to its end, or to where it pauses. Makes all its events. */
export class RunDriver {
  readonly #watch: TrainingWatch;
  readonly #startedAt = performance.now();
  readonly #stepInterval: number;
  #savedAt = performance.now();

  constructor(
    private readonly run: RunFolder,
    private readonly trainer: Trainer,
    private readonly open: OpenTask,
    private readonly job: TrainingJob,
    private readonly options: Pick<RunOptions, 'budget' | 'signal' | 'onEvent' | 'finishPaused'>,
  ) {
    this.#watch = new TrainingWatch({ ...job });
    this.#stepInterval = Math.ceil(trainer.stepsPerEpoch / MOST_STEP_RECORDS);
  }

  /** @param anew it was asked to go on, and had no checkpoint to go on from */
  async go(device: string, anew: boolean): Promise<RunResult> {
    const { parameters, totalSteps } = this.trainer;
    const { data } = this.open;
    const begun = { parameters, device, totalSteps, ...(anew && { anew }), ...(data && { data }) };
    this.#emit({ kind: 'started', ...this.#at(), ...begun });
    try {
      await this.trainer.run(
        (event) => this.#observe(event),
        () => {
          if (performance.now() - this.#savedAt > 60_000 * this.job.settings.checkpointMinutes) this.#save();
          return this.#reasonToPause() !== undefined;
        },
      );
      return await this.#end();
    } catch (error) {
      this.#tellFailure(error);
      throw error;
    }
  }

  #reasonToPause(): 'asked' | 'budget' | undefined {
    const { signal, budget = {} } = this.options;
    const { untilEpoch = Infinity, untilStep = Infinity, seconds = Infinity } = budget;
    const { step, stepsPerEpoch } = this.trainer;
    if (signal?.aborted) return 'asked';
    const spent = (performance.now() - this.#startedAt) / 1000;
    return step >= untilStep || step >= untilEpoch * stepsPerEpoch || spent >= seconds ? 'budget' : undefined;
  }

  #at(): { step: number; epoch: number } {
    return { step: this.trainer.step, epoch: this.trainer.epoch };
  }

  #emit(event: TrainingEvent): void {
    this.run.record(event);
    this.options.onEvent?.(event);
  }

  #observe(event: StepEvent | EpochEvent | SteppedBackEvent): void {
    const skipped =
      event.kind === 'step' && event.step % this.#stepInterval !== 0 && Number.isFinite(event.trainLoss);
    if (skipped) {
      this.options.onEvent?.(event);
      return;
    }
    this.#emit(event);
    for (const finding of this.#watch.observe(event))
      this.#emit({ kind: 'finding', step: event.step, epoch: event.epoch, finding });
    if (event.kind === 'epoch') this.#save();
  }

  #save(): void {
    this.run.writeCheckpoint(STATE, encodeTrainingState(this.trainer.state()));
    this.#savedAt = performance.now();
    this.#emit({ kind: 'checkpoint', ...this.#at() });
  }

  async #end(): Promise<RunResult> {
    const { trainer, run } = this;
    const pausedBy = trainer.finished ? undefined : (this.#reasonToPause() ?? 'budget');
    this.#save();
    const result: RunResult = {
      run: run.path,
      finished: trainer.finished,
      stoppedEarly: trainer.stoppedEarly,
      epochs: Math.floor(trainer.step / trainer.stepsPerEpoch),
      steps: trainer.step,
      bestValidationLoss: trainer.bestLoss,
    };
    if (pausedBy === undefined || this.options.finishPaused) {
      Object.assign(result, await this.open.finish(trainer, run));
      run.writeCurves(`Training of ${basename(run.path)}`);
      run.writeFile('result.json', `${JSON.stringify(result, null, 2)}\n`);
    }
    if (pausedBy !== undefined) this.#emit({ kind: 'paused', ...this.#at(), reason: pausedBy });
    else this.#emit({ kind: 'ended', ...this.#at(), reason: trainer.stoppedEarly ? 'early' : 'finished' });
    return result;
  }

  #tellFailure(thrown: unknown): void {
    const { code, message, hint } = toDenoiseError(thrown, 'Training');
    const event: TrainingEvent = {
      kind: 'failed',
      ...this.#at(),
      error: { code, message, ...(hint && { hint }) },
    };
    this.options.onEvent?.(event);
    try {
      this.run.record(event);
    } catch {
      // The disk that it failed on may be full: the failure itself is what is told.
    }
  }
}
