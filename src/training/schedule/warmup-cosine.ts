import type { LearningRateSchedule, ScheduleState } from './schedule.js';
import { stateOfKind } from './state-of-kind.js';

export interface WarmupCosineOptions {
  /** Rate at the end of the warm-up, > 0. */
  peak: number;
  /** Rate from `totalSteps` on, 0 ≤ floor ≤ peak. */
  floor: number;
  /** Steps of linear rise; 0 starts at the peak. */
  warmupSteps: number;
  /** Steps of the whole run, > warmupSteps. */
  totalSteps: number;
}

/**
 * Linear warm-up, then half a cosine down to a floor. With s the number of steps already made:
 * `peak·(s+1)/warmup` while s < warmup, then `floor + (peak−floor)·½(1 + cos(π·(s−warmup)/(total−warmup)))`.
 * The cosine part is PyTorch's `CosineAnnealingLR` in closed form (SGDR, arXiv 1608.03983, without restarts). The rate
 * depends on the step count alone, so that nothing accumulates rounding errors.
 */
export class WarmupCosineSchedule implements LearningRateSchedule {
  readonly kind = 'cosine';
  #factor = 1;
  #step = 0;

  constructor(private readonly options: WarmupCosineOptions) {}

  get rate(): number {
    const { peak, floor, warmupSteps, totalSteps } = this.options;
    if (this.#step < warmupSteps) return (this.#factor * peak * (this.#step + 1)) / warmupSteps;
    const progress = Math.min(1, (this.#step - warmupSteps) / Math.max(1, totalSteps - warmupSteps));
    return this.#factor * (floor + (peak - floor) * 0.5 * (1 + Math.cos(Math.PI * progress)));
  }

  afterStep(): void {
    this.#step++;
  }

  afterEpoch(): void {}

  scale(factor: number): void {
    this.#factor *= factor;
  }

  state(): ScheduleState {
    return { kind: 'cosine', factor: this.#factor, step: this.#step };
  }

  restore(state: ScheduleState): void {
    const saved = stateOfKind(state, 'cosine');
    this.#factor = saved.factor;
    this.#step = saved.step;
  }
}
