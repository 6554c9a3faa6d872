import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { gridOf } from '../../../src/tuning/samplers/grid.js';
import { spaceFromSchema } from '../../../src/tuning/searches/from-schema.js';
import { fullSpace, quickSpace } from '../../../src/tuning/searches/guide.js';
import { suggestRate } from '../../../src/tuning/searches/lr-range.js';
import { openPlan, planSearch, SEARCHES } from '../../../src/tuning/searches/search.js';
import { spaceFrom, spaces } from '../../../src/tuning/searches/spaces.js';
import { outlineOf, paramsKey, runSpace } from '../../../src/tuning/space.js';
import { practiceStudy } from '../../../src/tuning/testing/practice.js';
import { jobOf } from '../../../src/tuning/trainings/training-objective.js';
import { coded } from '../../cli/support/coded.js';

const configurations = (space: Parameters<typeof gridOf>[0]) =>
  [...gridOf(space)].map(({ params }) => params);

describe("the guide's searches", () => {
  it('has exactly its 864 and its 8 configurations', () => {
    const full = configurations(fullSpace);
    expect(full).toHaveLength(864);
    expect(new Set(full.map(paramsKey)).size).toBe(864);
    expect(full[0]).toEqual({
      batch: 8,
      lr: 5e-5,
      epochs: 75,
      optimizer: 'adam',
      schedulerPatience: 8,
      schedulerFactor: 0.3,
      patience: 20,
    });
    expect(configurations(quickSpace).map(({ batch, lr, epochs }) => [batch, lr, epochs])).toEqual([
      [8, 1e-4, 30],
      [8, 1e-4, 50],
      [8, 5e-4, 30],
      [8, 5e-4, 50],
      [16, 1e-4, 30],
      [16, 1e-4, 50],
      [16, 5e-4, 30],
      [16, 5e-4, 50],
    ]);
  });

  it.each(Object.keys(SEARCHES))('%s has a plan that opens, also after it was JSON', (name) => {
    const plan = JSON.parse(JSON.stringify(planSearch(name)));
    expect(outlineOf(openPlan(plan).space)).toEqual(outlineOf(openPlan(planSearch(name)).space));
  });

  it.each([
    ['cfc', 'cfc'],
    ['cfc-grid', 'cfc'],
    ['cfc-random', 'cfc'],
    ['ltc', 'ltc'],
    ['guide', 'unet1d'],
    ['lr', 'lstm'],
    ['batch', 'lstm'],
  ])('the space %s has settings that %s takes, at both ends', (space, family) => {
    for (const end of [0, 1]) {
      const { params } = runSpace(spaces.get(space), (_, d) =>
        d.kind === 'categorical' ? d.choices.at(-end)! : end ? d.high : d.low,
      );
      expect(() => jobOf({ task: 'denoise', set: {} }, family, params)).not.toThrow();
    }
  });

  it('says what it does not know', () => {
    expect(() => planSearch('quik')).toThrow(coded('E_UNKNOWN_NAME') as Error);
    expect(() => planSearch('tpe', { space: ['fulll'] })).toThrow(coded('E_UNKNOWN_NAME') as Error);
  });
});

describe('a space from the command line', () => {
  it.each([
    ['lr=1e-5..1e-2:log', { kind: 'float', low: 1e-5, high: 1e-2, log: true }],
    ['dropout=0..0.5:0.1', { kind: 'float', low: 0, high: 0.5, step: 0.1 }],
    ['rate=0.1..0.5', { kind: 'float', low: 0.1, high: 0.5 }],
    ['layers=1..4', { kind: 'int', low: 1, high: 4 }],
    ['hidden=16..128:16', { kind: 'int', low: 16, high: 128, step: 16 }],
    ['batch=8,16', { kind: 'categorical', choices: [8, 16], ordered: true }],
    ['optimizer=adam,adamw', { kind: 'categorical', choices: ['adam', 'adamw'] }],
    ['model.mixedMemory=true,false', { kind: 'categorical', choices: [true, false] }],
  ])('%s', (word, expected) => {
    const outline = outlineOf(spaceFrom([word]));
    expect(Object.values(outline)[0]).toEqual([expect.objectContaining(expected)]);
  });

  it.each(['lr', 'lr=', 'lr=2..1', 'lr=0..1:log', 'batch=8,8'])('refuses %s', (word) => {
    expect(() => outlineOf(spaceFrom([word, 'layers=1']))).toThrow(coded('E_SPACE') as Error);
  });
});

describe('a space from a schema', () => {
  const schema = z.strictObject({
    hidden: z.int().min(1).max(512).default(64),
    dropout: z.number().min(0).max(0.9).default(0),
    mode: z.enum(['pure', 'default']).default('default'),
    mixed: z.boolean().default(false),
    name: z.string().default(''),
    open: z.number().positive().default(1),
  });

  it('has what is a choice or has two bounds', () => {
    expect(outlineOf(spaceFromSchema(schema))).toMatchObject({
      hidden: [{ kind: 'int', low: 1, high: 512, log: true }],
      dropout: [{ kind: 'float', low: 0, high: 0.9 }],
      mode: [{ kind: 'categorical', choices: ['pure', 'default'] }],
      mixed: [{ kind: 'categorical', choices: [true, false] }],
    });
    expect(Object.keys(outlineOf(spaceFromSchema(schema, ['mode'])))).toEqual(['mode']);
  });

  it('says what it cannot search', () => {
    expect(() => spaceFromSchema(schema, ['open'])).toThrow(coded('E_SPACE') as Error);
    expect(() => spaceFromSchema(schema, ['hiden'])).toThrow(coded('E_SPACE') as Error);
  });
});

it('suggests a third of the rate with the lowest loss, and says from where on it is too fast', () => {
  const [template] = practiceStudy(1).trials;
  const tested = (losses: Record<string, number>) =>
    Object.entries(losses).map(([lr, value]) => ({
      ...template,
      params: { stage: 'range', lr: Number(lr) },
      reports: [{ step: 1, value }],
    }));
  expect(suggestRate(tested({ '1e-4': 1, '1e-3': 0.4, '1e-2': 0.2, '1e-1': Number.NaN }))).toEqual({
    rate: 3e-3,
    best: 1e-2,
    tooFast: 0.1,
  });
  expect(suggestRate(tested({ '1e-4': 1, '1e-3': 0.4, '1e-2': 0.2 }))).toEqual({ rate: 3e-3, best: 1e-2 });
  expect(suggestRate(tested({ '1e-4': 1 }))).toBeUndefined();
});
