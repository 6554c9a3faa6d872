export interface NanGuardOptions {
  /** What the rate is multiplied by on every step back, 0 < factor < 1. Default 0.3. */
  rateFactor?: number;
  /** Steps back that are allowed before the run is given up. Default 3. */
  retries?: number;
  /** Good steps in a row after which earlier failures are forgiven. Default 1000. */
  forgiveAfter?: number;
}

export interface NanGuardState {
  failures: number;
  goodSteps: number;
  totalFailures: number;
}

/** What was measured in one training step. */
export interface StepHealth {
  loss: number;
  /** Global norm before clipping. */
  gradientNorm: number;
}

export type NanGuardVerdict =
  | { action: 'go on' }
  /** Put back the last good weights and moments, multiply the rate by `rateFactor`. `attempt` counts from 1. */
  | { action: 'step back'; rateFactor: number; attempt: number; retriesLeft: number; reason: string }
  /** Every retry is used up. */
  | { action: 'give up'; reason: string };

/**
 * Watches every step for NaN and infinity and decides what to do about it: back to the last good weights with 0.3 of the
 * rate, a limited number of times. It holds no weights; the trainer keeps its last good copy (see {@link allFinite}).
 */
export class NanGuard {
  readonly #options: Required<NanGuardOptions>;
  #failures = 0;
  #goodSteps = 0;
  #totalFailures = 0;

  constructor(options: NanGuardOptions = {}) {
    this.#options = { rateFactor: 0.3, retries: 3, forgiveAfter: 1000, ...options };
  }

  /** Steps back and the final failure, over the whole run. */
  get totalFailures(): number {
    return this.#totalFailures;
  }

  inspect({ loss, gradientNorm }: StepHealth): NanGuardVerdict {
    const { rateFactor, retries, forgiveAfter } = this.#options;
    if (Number.isFinite(loss) && Number.isFinite(gradientNorm)) {
      if (++this.#goodSteps >= forgiveAfter) this.#failures = 0;
      return { action: 'go on' };
    }
    const reason = Number.isFinite(loss)
      ? `the gradient norm became ${gradientNorm}`
      : `the loss became ${loss}`;
    this.#goodSteps = 0;
    this.#totalFailures++;
    if (this.#failures >= retries) return { action: 'give up', reason };
    const attempt = ++this.#failures;
    return { action: 'step back', rateFactor, attempt, retriesLeft: retries - attempt, reason };
  }

  state(): NanGuardState {
    return { failures: this.#failures, goodSteps: this.#goodSteps, totalFailures: this.#totalFailures };
  }

  restore(state: NanGuardState): void {
    this.#failures = state.failures;
    this.#goodSteps = state.goodSteps;
    this.#totalFailures = state.totalFailures;
  }
}

/** Whether no value is NaN or infinite: what a copy of the weights must pass before it counts as good. */
export function allFinite(values: Float32Array): boolean {
  // x·0 is 0 for every finite x and NaN otherwise: one multiply-add per weight, no branch.
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] * 0;
  return sum === 0;
}
