import {
  InProcessQueue,
  MemoryStorage,
  type Objective,
  type Pruner,
  runStudy,
  type Sampler,
  Study,
} from '../../src/tuning/index.js';
import type { RecordedGrid } from './recorded-grids.js';

export interface Strategy {
  name: string;
  sampler(): Sampler;
  pruner(): Pruner;
  /** Trials that are made; then the best paused one runs to its end. */
  trials: number;
}

/**
 * Plays a strategy on a recorded grid with the tuner as it is, one worker.
 * @param limit epochs after which it gives up
 * @returns epochs that were trained until a trial's loss was at most `goal`; Infinity when the limit came first
 */
export async function costToReach(
  grid: RecordedGrid,
  strategy: Strategy,
  goal: number,
  limit: number,
  seed: number,
): Promise<number> {
  const study = await Study.open(new MemoryStorage(), {
    space: grid.space,
    seed,
    sampler: strategy.sampler(),
    pruner: strategy.pruner(),
  });
  let spent = 0;
  let reached = Number.POSITIVE_INFINITY;
  const stop = new AbortController();
  const objective: Objective = async ({ trial, report, signal }) => {
    const curve = grid.curveOf(trial.params);
    const from = trial.record.reports[trial.record.reports.length - 1]?.step ?? 0;
    for (let step = from + 1; step <= curve.length; step++) {
      spent++;
      if (curve[step - 1] <= goal) reached = Math.min(reached, spent);
      if (reached < Number.POSITIVE_INFINITY || spent >= limit) stop.abort(new Error('done'));
      if (signal.aborted) return { state: 'released' };
      const answer = await report(step, curve[step - 1]);
      if (answer === 'pause') return { state: 'paused' };
      if (answer !== 'continue') return { state: 'pruned' };
    }
    return { state: 'complete', values: [Math.min(...curve)] };
  };
  await runStudy(study, new InProcessQueue(), objective, {
    stop: { trials: strategy.trials },
    finishBest: 1,
    signal: stop.signal,
  }).catch((error) => {
    if (!stop.signal.aborted) throw error;
  });
  return reached;
}
