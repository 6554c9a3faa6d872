import type { Space } from '../space.js';

/** The tuning guide's full grid: 3 × 4 × 3 × 2 × 3 × 2 × 2 = 864 configurations. */
export const fullSpace: Space = (suggest) => {
  suggest.ordered('batch', [8, 16, 32]);
  suggest.ordered('lr', [5e-5, 1e-4, 2e-4, 5e-4]);
  suggest.ordered('epochs', [75, 100, 150]);
  suggest.categorical('optimizer', ['adam', 'adamw']);
  suggest.ordered('schedulerPatience', [8, 12, 15]);
  suggest.ordered('schedulerFactor', [0.3, 0.5]);
  suggest.ordered('patience', [20, 25]);
};

/** The guide's quick grid: 8 configurations. What it does not vary are the guide's first values. */
export const quickSpace: Space = (suggest) => {
  suggest.ordered('batch', [8, 16]);
  suggest.ordered('lr', [1e-4, 5e-4]);
  suggest.ordered('epochs', [30, 50]);
  suggest.categorical('optimizer', ['adam']);
};

/** What the guide sets and does not vary, in both of its modes. */
export const GUIDE_SETTINGS = {
  schedule: 'plateau',
  schedulerPatience: 8,
  schedulerFactor: 0.5,
  minimumLr: 1e-7,
  patience: 20,
  clipNorm: 1,
} as const;
