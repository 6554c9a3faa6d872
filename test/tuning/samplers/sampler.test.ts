import { describe, expect, it } from 'vitest';
import { Random } from '../../../src/random.js';
import { gridOf, gridSampler } from '../../../src/tuning/samplers/grid.js';
import { samplers } from '../../../src/tuning/samplers/index.js';
import { randomSampler } from '../../../src/tuning/samplers/random.js';
import { tpeSampler } from '../../../src/tuning/samplers/tpe.js';
import { paramsKey, type Space } from '../../../src/tuning/space.js';
import {
  PRACTICE_GRID,
  PRACTICE_SPACE,
  practiceLoss,
  practiceStudy,
} from '../../../src/tuning/testing/practice.js';
import { samplerChecks } from '../../../src/tuning/testing/sampler.js';
import { coded } from '../../cli/support/coded.js';

for (const name of samplers.names) {
  describe(`the ${name} sampler`, () => {
    for (const check of samplerChecks(samplers.get(name))) it(check.name, check.run);
    if (name !== 'grid')
      for (const check of samplerChecks(samplers.get(name), PRACTICE_SPACE))
        it(`${check.name} (intervals)`, check.run);
  });
}

describe('the grid', () => {
  it('has every configuration once, conditional ones only where they are asked for', () => {
    const all = [...gridOf(PRACTICE_GRID)].map(({ params }) => paramsKey(params));
    expect(all).toHaveLength(18);
    expect(new Set(all).size).toBe(18);
  });

  it('ends after the last, and leaves out what is taken', () => {
    const study = { ...practiceStudy(0), trials: practiceStudy(7, 1, PRACTICE_GRID).trials.slice() };
    const sampler = gridSampler();
    const taken = new Set(study.trials.map(({ params }) => paramsKey(params)));
    let next = sampler.suggest(PRACTICE_GRID, study, new Random(1));
    for (; next !== undefined; next = sampler.suggest(PRACTICE_GRID, study, new Random(1))) {
      expect(taken.has(paramsKey(next.params))).toBe(false);
      taken.add(paramsKey(next.params));
      (study.trials as unknown[]).push({ ...study.trials[0], number: study.trials.length, ...next });
    }
    expect(taken.size).toBe(18);
  });

  it('refuses an interval', () => {
    const space: Space = (suggest) => suggest.float('lr', 0, 1);
    expect(() => gridSampler().suggest(space, practiceStudy(0), new Random(1))).toThrow(
      coded('E_GRID') as Error,
    );
  });
});

describe('TPE', () => {
  /** The lowest loss of 60 trials, the mean over seeds. */
  const reached = (create: typeof tpeSampler): number => {
    let sum = 0;
    for (let seed = 0; seed < 20; seed++) {
      const study = { ...practiceStudy(0), trials: practiceStudy(0).trials.slice() };
      const [template] = practiceStudy(1).trials;
      const sampler = create();
      let lowest = Number.POSITIVE_INFINITY;
      for (let number = 0; number < 60; number++) {
        const suggestion = sampler.suggest(PRACTICE_SPACE, study, new Random(seed, number))!;
        const loss = practiceLoss(suggestion.params);
        lowest = Math.min(lowest, loss);
        (study.trials as unknown[]).push({
          ...template,
          number,
          ...suggestion,
          state: 'complete',
          values: [loss],
          reports: [],
        });
      }
      sum += lowest / 20;
    }
    return sum;
  };

  it('finds better configurations than chance', () => {
    expect(reached(tpeSampler)).toBeLessThan(0.5 * reached(randomSampler));
  });

  it('learns from trials that only stopped on the way', () => {
    const study = practiceStudy(60);
    const stopped = {
      ...study,
      trials: study.trials.map((trial) => ({ ...trial, state: 'paused' as const, values: undefined })),
    };
    const rates = Array.from({ length: 40 }, (_, i) =>
      Math.abs(
        Math.log10(Number(tpeSampler().suggest(PRACTICE_SPACE, stopped, new Random(1, i))!.params.lr) / 1e-3),
      ),
    );
    const chance = Array.from({ length: 40 }, (_, i) =>
      Math.abs(
        Math.log10(
          Number(randomSampler().suggest(PRACTICE_SPACE, stopped, new Random(1, i))!.params.lr) / 1e-3,
        ),
      ),
    );
    const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;
    expect(mean(rates)).toBeLessThan(0.6 * mean(chance));
  });
});
