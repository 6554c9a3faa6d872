import type { LearningRateSchedule, ScheduleState } from './schedule.js';
import { stateOfKind } from './state-of-kind.js';

/** One rate from the first step to the last. */
export class ConstantSchedule implements LearningRateSchedule {
  readonly kind = 'constant';
  #factor = 1;

  /** @param base learning rate, > 0 */
  constructor(private readonly base: number) {}

  get rate(): number {
    return this.base * this.#factor;
  }

  afterStep(): void {}

  afterEpoch(): void {}

  scale(factor: number): void {
    this.#factor *= factor;
  }

  state(): ScheduleState {
    return { kind: 'constant', factor: this.#factor };
  }

  restore(state: ScheduleState): void {
    this.#factor = stateOfKind(state, 'constant').factor;
  }
}
