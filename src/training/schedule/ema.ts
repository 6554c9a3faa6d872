import { TrainingError } from '../../errors.js';

export interface EmaState {
  updates: number;
  /** The averaged weights `[parameters]`; a copy. */
  average: Float32Array;
}

/**
 * Exponential moving average of a flat weight vector: `average ← average + (1−d)·(weights − average)`, where
 * `d = min(decay, (1+n)/(10+n))` after n updates, so that the random first weights are forgotten quickly (the warm-up of
 * TensorFlow's `ExponentialMovingAverage(num_updates)`). Averages in float32, in index order: bitwise repeatable.
 */
export class WeightAverage {
  readonly #average: Float32Array;
  #updates = 0;

  /**
   * @param weights initial weights `[parameters]`; copied
   * @param decay share of the old average that stays, 0 ≤ decay < 1. Default 0.999
   */
  constructor(
    weights: Float32Array,
    readonly decay = 0.999,
  ) {
    this.#average = weights.slice();
  }

  /** The average itself, not a copy: read it, do not write it. */
  get weights(): Float32Array {
    return this.#average;
  }

  /** @throws TrainingError `E_EMA_LENGTH` when the number of weights changed */
  update(weights: Float32Array): void {
    this.#check(weights);
    const share = 1 - Math.min(this.decay, (1 + this.#updates) / (10 + this.#updates));
    const average = this.#average;
    for (let i = 0; i < average.length; i++) average[i] += share * (weights[i] - average[i]);
    this.#updates++;
  }

  state(): EmaState {
    return { updates: this.#updates, average: this.#average.slice() };
  }

  restore(state: EmaState): void {
    this.#check(state.average);
    this.#average.set(state.average);
    this.#updates = state.updates;
  }

  #check(weights: Float32Array): void {
    if (weights.length === this.#average.length) return;
    throw new TrainingError(
      'E_EMA_LENGTH',
      `The moving average holds ${this.#average.length} weights, but ${weights.length} were given.`,
      { hint: 'Resume with the model the run was started with.' },
    );
  }
}
