import type { RuntimeOptions } from '../../engine/runtime.js';
import type { LstmLayout } from '../../graph/ops/lstm.js';
import type { ScheduleConfig } from '../schedule/create-schedule.js';

export interface TrainerOptions extends RuntimeOptions {
  epochs: number;
  schedule: ScheduleConfig;
  seed: number;
  /** Decoupled weight decay (AdamW); 0 is Adam. Default 0. */
  weightDecay?: number;
  /** Largest global gradient norm. Default 1. */
  clip?: number;
  /** Decay of the average of weights that is validated and kept; 0 keeps the weights themselves. Default 0. */
  averageDecay?: number;
  /** Epochs without a better validation loss that end the run. Default: never. */
  patience?: number;
  lstmLayout?: Exclude<LstmLayout, 'kernel'>;
}
