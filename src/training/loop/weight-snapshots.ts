import type { ModelVariables } from '../../nn/streaming-graph.js';
import { type EmaState, WeightAverage } from '../schedule/ema.js';
import { allFinite } from '../schedule/nan-guard.js';
import type { OptimiserState, TrainingSession } from './training-session.js';
import type { TrainingState } from './training-state.js';

const OPTIMISER_ARRAYS = ['weights', 'moment1', 'moment2', 'buffers'] as const;

/** Steps between copies of the weights that a NaN steps back to. */
const GOOD_COPY_INTERVAL = 50;

/** What {@link WeightSnapshots} counts; part of a checkpoint's progress. */
export interface SnapshotCounters {
  averageUpdates: number;
  goodStep: number;
  goodAverageUpdates: number;
}

/** The weights that a run keeps beside those it moves: their average, those of the best epoch, and the last good ones. */
export class WeightSnapshots {
  readonly #average: WeightAverage | undefined;
  #best: ModelVariables;
  #good: OptimiserState;
  #goodAverage: EmaState | undefined;

  /** @param averageDecay decay of the average; 0 keeps none. Default 0 */
  constructor(
    private readonly session: TrainingSession,
    averageDecay = 0,
  ) {
    this.#average = averageDecay ? new WeightAverage(session.state.weights, averageDecay) : undefined;
    this.#good = session.snapshot();
    this.#best = this.current();
  }

  /** Weights as they would be used now: their average where one is kept; a copy. */
  current(): ModelVariables {
    const { weights, buffers } = this.session.state;
    return { weights: (this.#average?.weights ?? weights).slice(), buffers: buffers.slice() };
  }

  get best(): ModelVariables {
    return this.#best;
  }

  /** @param variables kept as they are, not copied */
  keepBest(variables: ModelVariables): void {
    this.#best = variables;
  }

  /** Follows the session. @param step number of the step that was just made, from 0 */
  afterStep(step: number): void {
    this.#average?.update(this.session.state.weights);
    if (step % GOOD_COPY_INTERVAL !== 0 || !allFinite(this.session.state.weights)) return;
    this.#good = this.session.snapshot();
    this.#goodAverage = this.#average?.state();
  }

  /** Puts session and average back to the last good weights. */
  stepBack(): void {
    this.session.restore(this.#good);
    if (this.#goodAverage !== undefined) this.#average?.restore(this.#goodAverage);
  }

  /** The good ones too: a step back after a resume must lead to where it would have led without one. */
  state(): { counters: SnapshotCounters; arrays: TrainingState['arrays'] } {
    const average = this.#average?.state();
    const arrays: TrainingState['arrays'] = {
      'best.weights': this.#best.weights,
      'best.buffers': this.#best.buffers,
    };
    if (average !== undefined) arrays.average = average.average;
    for (const name of OPTIMISER_ARRAYS) arrays[`good.${name}`] = this.#good[name];
    if (this.#goodAverage !== undefined) arrays['good.average'] = this.#goodAverage.average;
    const counters = {
      averageUpdates: average?.updates ?? 0,
      goodStep: this.#good.step,
      goodAverageUpdates: this.#goodAverage?.updates ?? 0,
    };
    return { counters, arrays };
  }

  /** Goes on from {@link state}; the session is restored by itself. */
  restore(counters: SnapshotCounters, arrays: TrainingState['arrays']): void {
    if (this.#average !== undefined && arrays.average !== undefined)
      this.#average.restore({ updates: counters.averageUpdates, average: arrays.average });
    this.#best = { weights: arrays['best.weights'], buffers: arrays['best.buffers'] };
    const [weights, moment1, moment2, buffers] = OPTIMISER_ARRAYS.map((name) => arrays[`good.${name}`]);
    this.#good = { weights, moment1, moment2, buffers, step: counters.goodStep };
    if (arrays['good.average'] !== undefined)
      this.#goodAverage = { updates: counters.goodAverageUpdates, average: arrays['good.average'] };
  }
}
