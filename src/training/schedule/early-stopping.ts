export interface EarlyStoppingState {
  /** `null`: no finite loss seen yet. */
  best: number | null;
  /** Epoch of the best loss as given to `update`; 0 before the first. */
  bestEpoch: number;
  epochsWithoutImprovement: number;
}

export interface EarlyStoppingVerdict {
  /** This epoch is the best so far: save the model now. */
  improved: boolean;
  /** `patience` epochs in a row were no better: stop after this one. */
  stop: boolean;
}

/**
 * Stops a run when the validation loss has not fallen below its best for `patience` epochs. Any strict improvement
 * counts, however small; NaN never does.
 */
export class EarlyStopping {
  #best = Number.POSITIVE_INFINITY;
  #bestEpoch = 0;
  #epochsWithoutImprovement = 0;

  /** @param patience epochs in a row without improvement that end the run, ≥ 1; `Infinity` never stops */
  constructor(readonly patience: number) {}

  get best(): number {
    return this.#best;
  }

  /** Epoch of the best loss, 0 before the first finite one. */
  get bestEpoch(): number {
    return this.#bestEpoch;
  }

  get epochsWithoutImprovement(): number {
    return this.#epochsWithoutImprovement;
  }

  /** @param epoch number of the epoch, from 1 */
  update(epoch: number, validationLoss: number): EarlyStoppingVerdict {
    if (validationLoss < this.#best) {
      this.#best = validationLoss;
      this.#bestEpoch = epoch;
      this.#epochsWithoutImprovement = 0;
      return { improved: true, stop: false };
    }
    this.#epochsWithoutImprovement++;
    return { improved: false, stop: this.#epochsWithoutImprovement >= this.patience };
  }

  state(): EarlyStoppingState {
    return {
      best: Number.isFinite(this.#best) ? this.#best : null,
      bestEpoch: this.#bestEpoch,
      epochsWithoutImprovement: this.#epochsWithoutImprovement,
    };
  }

  restore(state: EarlyStoppingState): void {
    this.#best = state.best ?? Number.POSITIVE_INFINITY;
    this.#bestEpoch = state.bestEpoch;
    this.#epochsWithoutImprovement = state.epochsWithoutImprovement;
  }
}
