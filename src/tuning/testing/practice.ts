import { Random } from '../../random.js';
import { draw, type Params } from '../distribution.js';
import { runSpace, type Space } from '../space.js';
import type { StudyView } from '../study-view.js';
import type { TrialRecord } from '../trial.js';

/** A space with all that a space can have. */
export const PRACTICE_SPACE: Space = (suggest) => {
  suggest.float('lr', 1e-5, 1e-1, { log: true });
  suggest.float('dropout', 0, 0.5, { step: 0.1 });
  suggest.int('hidden', 8, 512, { log: true });
  suggest.int('layers', 1, 4);
  suggest.ordered('batch', [8, 16, 32]);
  if (suggest.categorical('optimizer', ['adam', 'adamw']) === 'adamw') suggest.float('weightDecay', 0, 0.1);
};

/** A space that a grid can enumerate: 2 × (3 + 3 × 2) configurations. */
export const PRACTICE_GRID: Space = (suggest) => {
  suggest.categorical('flag', [true, false]);
  suggest.int('layers', 1, 3);
  if (suggest.categorical('mode', ['plain', 'gated']) === 'gated') suggest.ordered('units', [32, 64]);
};

/** A smooth loss with its lowest value at lr = 1e-3, dropout 0.2, layers 2; what is left out is at its best. */
export function practiceLoss(params: Params): number {
  const { lr, dropout, layers, optimizer } = {
    lr: 1e-3,
    dropout: 0.2,
    layers: 2,
    optimizer: 'adamw',
    ...params,
  };
  const [rate, drop, depth] = [lr, dropout, layers].map(Number);
  return (
    Math.log10(rate / 1e-3) ** 2 +
    4 * (drop - 0.2) ** 2 +
    0.1 * (depth - 2) ** 2 +
    (optimizer === 'adam' ? 0.1 : 0)
  );
}

/** A study of complete trials drawn at random, and some that stopped on their way or still run. */
export function practiceStudy(trials: number, seed = 1, space: Space = PRACTICE_SPACE): StudyView {
  const random = new Random(seed);
  return {
    name: 'practice',
    directions: ['minimise'],
    metrics: ['value'],
    seed,
    attributes: {},
    trials: Array.from({ length: trials }, (_, number): TrialRecord => {
      const { params, distributions } = runSpace(space, (_name, d) => draw(d, random));
      const loss = practiceLoss(params);
      const state = number % 5 === 3 ? 'paused' : number % 11 === 7 ? 'running' : 'complete';
      const steps = state === 'complete' ? 9 : 3;
      const reports = Array.from({ length: steps }, (_, i) => ({ step: i + 1, value: loss + 1 / (i + 1) }));
      return {
        number,
        state,
        params,
        distributions,
        seed: number,
        values: state === 'complete' ? [loss] : undefined,
        reports,
        attributes: {},
        toEnd: false,
        claims: 1,
        losses: 0,
        created: number,
        ended: state === 'complete' ? number : undefined,
      };
    }),
  };
}
