import { readFileSync } from 'node:fs';
import type { Params, Space } from '../../src/tuning/index.js';
import { fullSpace } from '../../src/tuning/searches/guide.js';
import { type GapConfig, gapSpace } from './gap-task.js';
import type { Curve } from './train-small.js';

/** A grid that was trained once: validation losses are looked up instead of trained. */
export interface RecordedGrid {
  space: Space;
  configurations: number;
  /** Epochs of all trainings together. An epoch takes in the same samples in all of them: it is the unit of cost. */
  cost: number;
  /** Lowest validation loss. */
  best: number;
  /** Validation loss after each epoch of a configuration. */
  curveOf(params: Params): readonly number[];
}

const FIXTURES = 'test/fixtures/tuning';

const readJson = <T>(name: string): T => JSON.parse(readFileSync(`${FIXTURES}/${name}`, 'utf8')) as T;

/** Made of what was recorded of each configuration. */
function gridOf(
  space: Space,
  recorded: readonly { params: Params; curve: readonly number[] }[],
): RecordedGrid {
  const keyOf = (params: Params): string => JSON.stringify(Object.entries(params).sort());
  const curves = new Map(recorded.map(({ params, curve }) => [keyOf(params), curve]));
  const losses = recorded.flatMap(({ curve }) => curve);
  return {
    space,
    configurations: recorded.length,
    cost: losses.length,
    best: Math.min(...losses),
    curveOf: (params) => curves.get(keyOf(params))!,
  };
}

interface GuideFixture {
  /** Which curve each configuration has, and how many epochs of it. */
  trials: [key: string, epochs: number, patience: number, length: number][];
  curves: (Curve & { key: string })[];
}

/** The guide's 864 on the small denoiser; the tuner's defaults were chosen while looking at it. */
function guideGrid(): RecordedGrid {
  const { trials, curves } = readJson<GuideFixture>('grid-864.golden.json');
  const validation = new Map(curves.map((curve) => [curve.key, curve.validation]));
  const recorded = trials.map(([key, epochs, patience, length]) => {
    const [batch, lr, optimizer, schedulerPatience, schedulerFactor] = key.split(' ');
    const params: Params = {
      batch: Number(batch),
      lr: Number(lr),
      optimizer,
      schedulerPatience: Number(schedulerPatience),
      schedulerFactor: Number(schedulerFactor),
      epochs,
      patience,
    };
    return { params, curve: validation.get(key)!.slice(0, length) };
  });
  return gridOf(fullSpace, recorded);
}

/** The gap task: recorded after the tuner was done, and changed nothing in it. */
function gapGrid(): RecordedGrid {
  const recorded = readJson<{ params: GapConfig; validation: number[] }[]>('gaps-864.golden.json');
  return gridOf(
    gapSpace,
    recorded.map(({ params, validation }) => ({ params: { ...params }, curve: validation })),
  );
}

export const GRIDS = { guide: guideGrid, gaps: gapGrid } as const;
