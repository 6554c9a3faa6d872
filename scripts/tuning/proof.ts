/**
 * At which share of a grid's cost does each strategy reach the grid's best validation loss within 1 %? Replayed on the recorded curves:
 *
 *     node dist/scripts/tuning/proof.js [guide|gaps] [SEEDS] [FIRST SEED]
 */
import { ashaPruner, pashaPruner, pruners, randomSampler, tpeSampler } from '../../src/tuning/index.js';
import { GRIDS } from './recorded-grids.js';
import { costToReach, type Strategy } from './replay.js';

const WITHIN = 1.01;
const none = () => pruners.get('none')({});
const steps = { minSteps: 5, reduction: 3 };
/** Trials of a study; the best paused one then runs to its end. */
const TRIALS = 100;

const STRATEGIES: Omit<Strategy, 'trials'>[] = [
  { name: 'TPE + PASHA, pause and resume', sampler: tpeSampler, pruner: () => pashaPruner(steps) },
  { name: 'TPE + ASHA, pause and resume', sampler: tpeSampler, pruner: () => ashaPruner(steps) },
  {
    name: 'TPE + ASHA without resume (as Optuna has it)',
    sampler: tpeSampler,
    pruner: () => pruners.get('asha-no-resume')(steps),
  },
  { name: 'TPE + median', sampler: tpeSampler, pruner: () => pruners.get('median')({ minSteps: 5 }) },
  { name: 'TPE alone', sampler: tpeSampler, pruner: none },
  { name: 'random + ASHA, pause and resume', sampler: randomSampler, pruner: () => ashaPruner(steps) },
  {
    name: 'random + ASHA without resume',
    sampler: randomSampler,
    pruner: () => pruners.get('asha-no-resume')(steps),
  },
  { name: 'random search', sampler: randomSampler, pruner: none },
];

const [which = 'guide', seeds = '20', first = '1'] = process.argv.slice(2);
const grid = GRIDS[which as keyof typeof GRIDS]();
const { cost, best, configurations } = grid;
const goal = WITHIN * best;
console.log(
  `${which}: ${configurations} configurations, ${cost} epochs, best ${best}; ${seeds} seeds from ${first}`,
);
const percent = (epochs: number): string =>
  epochs === Number.POSITIVE_INFINITY ? 'not reached' : ((100 * epochs) / cost).toFixed(2);
for (const strategy of STRATEGIES) {
  const costs: number[] = [];
  for (let i = 0; i < Number(seeds); i++)
    costs.push(await costToReach(grid, { ...strategy, trials: TRIALS }, goal, 0.2 * cost, Number(first) + i));
  costs.sort((a, b) => a - b);
  const middle = costs[Math.floor((costs.length - 1) / 2)];
  const within = costs.filter((one) => one <= 0.05 * cost).length;
  console.log(
    `${strategy.name.padEnd(46)} median ${percent(middle)} %, worst ${percent(costs[costs.length - 1])} %, within 5 % of the cost: ${within} of ${seeds}`,
  );
}
