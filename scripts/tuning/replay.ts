import { readFileSync } from 'node:fs';
import type { Params } from '../../src/tuning/distribution.js';
import {
  InProcessQueue,
  MemoryStorage,
  type Objective,
  type Pruner,
  runStudy,
  type Sampler,
  Study,
} from '../../src/tuning/index.js';
import { fullSpace } from '../../src/tuning/searches/guide.js';
import type { Curve } from './train-small.js';

/** The whole grid as it was trained once: which curve each configuration has, and how many epochs of it. */
export interface RecordedGrid {
  trials: [key: string, epochs: number, patience: number, length: number][];
  curves: (Curve & { key: string })[];
}

export function readGrid(path: string): RecordedGrid {
  return JSON.parse(readFileSync(path, 'utf8')) as RecordedGrid;
}

/** Validation losses of a configuration, looked up instead of trained. */
export function recordedCurves(grid: RecordedGrid): (params: Params) => number[] {
  const curves = new Map(grid.curves.map((curve) => [curve.key, curve.validation]));
  const lengths = new Map(
    grid.trials.map(([key, epochs, patience, length]) => [`${key} ${epochs} ${patience}`, length]),
  );
  return ({ batch, lr, optimizer, schedulerPatience, schedulerFactor, epochs, patience }) => {
    const key = [batch, lr, optimizer, schedulerPatience, schedulerFactor].join(' ');
    return curves.get(key)!.slice(0, lengths.get(`${key} ${epochs} ${patience}`));
  };
}

/** Samples per epoch are the same for all: an epoch is the unit of cost. */
export function gridCost(grid: RecordedGrid): number {
  return grid.trials.reduce((sum, [, , , length]) => sum + length, 0);
}

export function gridBest(grid: RecordedGrid): number {
  const curve = recordedCurves(grid);
  return Math.min(
    ...grid.trials.map(([key, epochs, patience]) => {
      const [batch, lr, optimizer, schedulerPatience, schedulerFactor] = key.split(' ');
      const numbers = {
        batch: Number(batch),
        lr: Number(lr),
        schedulerPatience: Number(schedulerPatience),
        schedulerFactor: Number(schedulerFactor),
      };
      return Math.min(...curve({ ...numbers, optimizer, epochs, patience }));
    }),
  );
}

export interface Strategy {
  name: string;
  sampler(): Sampler;
  pruner(): Pruner;
  /** Trials that are made; then the best paused one runs to its end. */
  trials: number;
  /** Epochs already trained are trained again when a trial goes on: what systems pay that cannot resume. */
  restarts?: boolean;
}

/**
 * Plays a strategy on the recorded curves with the tuner as it is, one worker.
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
  const curveOf = recordedCurves(grid);
  const study = await Study.open(new MemoryStorage(), {
    space: fullSpace,
    seed,
    sampler: strategy.sampler(),
    pruner: strategy.pruner(),
  });
  let spent = 0;
  let reached = Number.POSITIVE_INFINITY;
  const stop = new AbortController();
  const objective: Objective = async ({ trial, report, signal }) => {
    const curve = curveOf(trial.params);
    const from =
      strategy.restarts === true ? 0 : (trial.record.reports[trial.record.reports.length - 1]?.step ?? 0);
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
