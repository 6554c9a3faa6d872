import type { LearningRateSchedule, ScheduleState } from './schedule.js';
import { stateOfKind } from './state-of-kind.js';

export interface PlateauOptions {
  /** Rate of the first epoch, > 0. */
  initial: number;
  /** What the rate is multiplied by, 0 < factor < 1. Default 0.5. */
  factor?: number;
  /** Epochs without improvement that are tolerated; the next one reduces the rate. Default 10. */
  patience?: number;
  /** Relative improvement that counts: better means `loss < best·(1 − threshold)`. Default 1e-4. */
  threshold?: number;
  /** Epochs after a reduction in which nothing is counted. Default 0. */
  cooldown?: number;
  /** The rate never goes below this. Default 1e-7. */
  minimum?: number;
}

/** A reduction smaller than this is not made: PyTorch's `eps`. */
const SMALLEST_REDUCTION = 1e-8;

/**
 * `torch.optim.lr_scheduler.ReduceLROnPlateau`, mode `min`, threshold mode `rel`, call for call: an epoch that is not
 * better counts; during the cool-down the count stays 0; more than `patience` of them multiply the rate by `factor`.
 */
export class PlateauSchedule implements LearningRateSchedule {
  readonly kind = 'plateau';
  readonly #options: Required<PlateauOptions>;
  #rate: number;
  #minimum: number;
  #best = Number.POSITIVE_INFINITY;
  #badEpochs = 0;
  #cooldownLeft = 0;
  #reductions = 0;

  constructor(options: PlateauOptions) {
    this.#options = {
      factor: 0.5,
      patience: 10,
      threshold: 1e-4,
      cooldown: 0,
      minimum: 1e-7,
      ...options,
    };
    this.#rate = options.initial;
    this.#minimum = this.#options.minimum;
  }

  get rate(): number {
    return this.#rate;
  }

  /** How many times the rate was reduced. */
  get reductions(): number {
    return this.#reductions;
  }

  afterStep(): void {}

  afterEpoch(loss: number): void {
    const { factor, patience, threshold, cooldown } = this.#options;
    if (loss < this.#best * (1 - threshold)) {
      this.#best = loss;
      this.#badEpochs = 0;
    } else {
      this.#badEpochs++;
    }
    if (this.#cooldownLeft > 0) {
      this.#cooldownLeft--;
      this.#badEpochs = 0;
    }
    if (this.#badEpochs > patience) {
      const reduced = Math.max(this.#rate * factor, this.#minimum);
      if (this.#rate - reduced > SMALLEST_REDUCTION) {
        this.#rate = reduced;
        this.#reductions++;
      }
      this.#cooldownLeft = cooldown;
      this.#badEpochs = 0;
    }
  }

  scale(factor: number): void {
    this.#rate *= factor;
    // A rate scaled to below the minimum must not be lifted back to it by the next reduction.
    this.#minimum = Math.min(this.#minimum, this.#rate);
  }

  state(): ScheduleState {
    return {
      kind: 'plateau',
      rate: this.#rate,
      minimum: this.#minimum,
      best: Number.isFinite(this.#best) ? this.#best : null,
      badEpochs: this.#badEpochs,
      cooldownLeft: this.#cooldownLeft,
      reductions: this.#reductions,
    };
  }

  restore(state: ScheduleState): void {
    const saved = stateOfKind(state, 'plateau');
    this.#rate = saved.rate;
    this.#minimum = saved.minimum;
    this.#best = saved.best ?? Number.POSITIVE_INFINITY;
    this.#badEpochs = saved.badEpochs;
    this.#cooldownLeft = saved.cooldownLeft;
    this.#reductions = saved.reductions;
  }
}
