import type { SettingValue } from './finding.js';
import type { SettingName } from './settings.js';

/** A configuration to try where the present one does not get there. */
export interface Alternative {
  name: string;
  /** When it is the right one. */
  when: string;
  settings: Partial<Record<SettingName, SettingValue>>;
}

/** Stateful LSTMs on long sequences: the starting point and what to try next. */
export const LSTM_ALTERNATIVES: readonly Alternative[] = [
  {
    name: 'default',
    when: 'The place to start: 50 samples per chunk, state carried from chunk to chunk, plateau schedule, clipping at 1.0.',
    settings: { hidden: 64, length: 50, lr: 5e-4, epochs: 50, schedule: 'plateau', clipNorm: 1 },
  },
  {
    name: 'serial',
    when: 'The most stable and the slowest; shows whether the model can learn the task at all.',
    settings: { hidden: 64, length: 1, lr: 1e-3, epochs: 30 },
  },
  {
    name: 'long sequences',
    when: 'The fastest per epoch, with more memory; for the final run, or where training is too slow.',
    settings: { hidden: 64, length: 100, lr: 3e-4, epochs: 30 },
  },
  {
    name: 'larger model',
    when: 'More capacity, slower; where hidden 64 stays too high at every rate.',
    settings: { hidden: 128, length: 50, lr: 3e-4, epochs: 40 },
  },
];

/** What to try when the careful rate of 1e-4 is not right either. */
export const RATE_ALTERNATIVES: readonly Alternative[] = [
  {
    name: 'moderate rate',
    when: '1e-4 is too slow: above 0.1 after 15 epochs.',
    settings: { lr: 3e-4 },
  },
  { name: 'low rate', when: '1e-4 still oscillates or rises.', settings: { lr: 5e-5 } },
  { name: 'very low rate', when: '5e-5 still oscillates or rises.', settings: { lr: 3e-5 } },
  {
    name: 'adaptive rate',
    when: 'Start at 1e-4 and let the schedule halve it after 5 epochs without improvement.',
    settings: { lr: 1e-4, schedule: 'plateau', schedulerFactor: 0.5, schedulerPatience: 5 },
  },
];
