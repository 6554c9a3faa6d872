import { TrainingError } from '../../errors.js';
import { createSchedule, type ScheduleConfig } from '../schedule/create-schedule.js';
import { EarlyStopping, type EarlyStoppingState } from '../schedule/early-stopping.js';
import { NanGuard, type NanGuardState, type StepHealth } from '../schedule/nan-guard.js';
import type { LearningRateSchedule, ScheduleState } from '../schedule/schedule.js';

/** State of a {@link TrainingPolicy}; part of a checkpoint's progress. */
export interface TrainingPolicyState {
  stopped: boolean;
  schedule: ScheduleState;
  stopping: EarlyStoppingState;
  guard: NanGuardState;
}

/** What the losses of a run decide: its learning rate, steps back from NaN and infinity, an early end. */
export class TrainingPolicy {
  readonly #schedule: LearningRateSchedule;
  readonly #stopping: EarlyStopping;
  readonly #guard = new NanGuard();
  #stopped = false;

  /**
   * @param totalSteps optimiser steps of the whole run
   * @param patience epochs without a better loss that end it; default: never
   */
  constructor(config: ScheduleConfig, totalSteps: number, patience = Number.POSITIVE_INFINITY) {
    this.#schedule = createSchedule(config, totalSteps);
    this.#stopping = new EarlyStopping(patience);
  }

  /** Learning rate of the next step. */
  get rate(): number {
    return this.#schedule.rate;
  }

  /** Patience has ended the run. */
  get stopped(): boolean {
    return this.#stopped;
  }

  /** The lowest loss of an epoch so far. */
  get bestLoss(): number {
    return this.#stopping.best;
  }

  /**
   * Judges a step. When it is NaN or infinite, lowers the rate and says why the weights must go back; else `undefined`.
   * @param step its number, from 1
   * @throws TrainingError `E_DIVERGED` when steps back did not help
   */
  afterStep(step: number, health: StepHealth): { reason: string; rateFactor: number } | undefined {
    const verdict = this.#guard.inspect(health);
    if (verdict.action === 'give up')
      throw new TrainingError('E_DIVERGED', `Training diverged at step ${step}: ${verdict.reason}.`, {
        hint: `Start again with a lower learning rate, such as ${(this.rate / 10).toPrecision(2)}.`,
      });
    if (verdict.action === 'step back') this.#schedule.scale(verdict.rateFactor);
    this.#schedule.afterStep();
    if (verdict.action === 'go on') return undefined;
    return { reason: verdict.reason, rateFactor: verdict.rateFactor };
  }

  /** Whether the epoch is the best so far. @param loss what it is judged by */
  afterEpoch(epoch: number, loss: number): boolean {
    this.#schedule.afterEpoch(loss);
    const { improved, stop } = this.#stopping.update(epoch, loss);
    this.#stopped = stop;
    return improved;
  }

  state(): TrainingPolicyState {
    return {
      stopped: this.#stopped,
      schedule: this.#schedule.state(),
      stopping: this.#stopping.state(),
      guard: this.#guard.state(),
    };
  }

  restore({ stopped, schedule, stopping, guard }: TrainingPolicyState): void {
    this.#schedule.restore(schedule);
    this.#stopping.restore(stopping);
    this.#guard.restore(guard);
    // With more patience than before the run goes on.
    this.#stopped = stopped && this.#stopping.epochsWithoutImprovement >= this.#stopping.patience;
  }
}
