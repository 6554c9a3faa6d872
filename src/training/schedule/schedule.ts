/**
 * The contract of a learning-rate schedule.
 *
 * The trainer reads {@link LearningRateSchedule.rate} before every optimiser step, calls `afterStep()` once after it and
 * `afterEpoch(loss)` once after every validation. A schedule is a deterministic function of its options and of those
 * calls: `state()` taken at any moment, sent through JSON and given to `restore()` of a schedule made with the same
 * options continues bit for bit.
 */
export interface LearningRateSchedule {
  readonly kind: ScheduleState['kind'];
  /** Learning rate for the next optimiser step, > 0. */
  readonly rate: number;
  /** One optimiser step was made. */
  afterStep(): void;
  /** One epoch ended with this validation loss (training loss where there is no validation). NaN counts as "not better". */
  afterEpoch(loss: number): void;
  /** Multiplies this and every later rate by `factor` (0 < factor): the remedy of the NaN guard. */
  scale(factor: number): void;
  /** Everything that changes; plain JSON. */
  state(): ScheduleState;
  /** Puts back what `state()` gave. @throws TrainingError `E_SCHEDULE_STATE` when it belongs to another kind of schedule. */
  restore(state: ScheduleState): void;
}

export type ScheduleState =
  | { kind: 'constant'; factor: number }
  | { kind: 'cosine'; factor: number; step: number }
  | {
      kind: 'plateau';
      rate: number;
      minimum: number;
      /** `null`: no finite loss seen yet (infinity has no JSON). */
      best: number | null;
      badEpochs: number;
      cooldownLeft: number;
      reductions: number;
    };
