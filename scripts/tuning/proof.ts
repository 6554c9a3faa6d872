/**
 * At which share of the grid's cost does each strategy reach the grid's best validation loss within 1 %? Replayed on the recorded curves:
 *
 *     node dist/scripts/tuning/proof.js [SEEDS]
 */
import { ashaPruner, pashaPruner, pruners, randomSampler, tpeSampler } from '../../src/tuning/index.js';
import { costToReach, gridBest, gridCost, readGrid, type Strategy } from './replay.js';

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

const seeds = Number(process.argv[2] ?? 20);
const grid = readGrid('test/fixtures/tuning/grid-864.golden.json');
const cost = gridCost(grid);
const goal = WITHIN * gridBest(grid);
console.log(
  `grid: ${grid.trials.length} configurations, ${cost} epochs, best ${gridBest(grid)}; ${seeds} seeds`,
);
const percent = (epochs: number): string =>
  epochs === Number.POSITIVE_INFINITY ? 'not reached' : ((100 * epochs) / cost).toFixed(2);
for (const strategy of STRATEGIES) {
  const costs: number[] = [];
  for (let seed = 1; seed <= seeds; seed++)
    costs.push(await costToReach(grid, { ...strategy, trials: TRIALS }, goal, 0.2 * cost, seed));
  costs.sort((a, b) => a - b);
  const middle = costs[Math.floor((costs.length - 1) / 2)];
  const within = costs.filter((one) => one <= 0.05 * cost).length;
  console.log(
    `${strategy.name.padEnd(46)} median ${percent(middle)} %, worst ${percent(costs[costs.length - 1])} %, within 5 % of the cost: ${within} of ${seeds}`,
  );
}
