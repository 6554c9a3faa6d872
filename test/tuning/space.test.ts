import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Random } from '../../src/random.js';
import {
  contains,
  countValues,
  type Distribution,
  draw,
  fromUnit,
  indexOf,
  type NumberRange,
  toUnit,
  valueAt,
} from '../../src/tuning/distribution.js';
import { complete, outlineOf, runSpace, type Space, spaceOf } from '../../src/tuning/space.js';
import { coded } from '../cli/support/coded.js';

const ranges: fc.Arbitrary<NumberRange> = fc.oneof(
  fc
    .tuple(
      fc.integer({ min: -50, max: 50 }),
      fc.integer({ min: 0, max: 100 }),
      fc.option(fc.integer({ min: 1, max: 7 })),
    )
    .map(
      ([low, width, step]) =>
        ({ kind: 'int', low, high: low + width, ...(step === null ? {} : { step }) }) as const,
    ),
  fc
    .tuple(
      fc.double({ min: 1e-6, max: 10, noNaN: true }),
      fc.double({ min: 1, max: 1e4, noNaN: true }),
      fc.boolean(),
    )
    .map(([low, factor, log]) => ({ kind: 'float', low, high: low * factor, log }) as const),
  fc
    .tuple(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 1, max: 20 }))
    .map(([low, steps]) => ({ kind: 'float', low: low / 10, high: (low + steps) / 10, step: 0.1 }) as const),
);
const distributions: fc.Arbitrary<Distribution> = fc.oneof(
  ranges,
  fc.record({
    kind: fc.constant('categorical' as const),
    choices: fc.uniqueArray(fc.oneof(fc.integer(), fc.string(), fc.boolean()), {
      minLength: 1,
      maxLength: 8,
    }),
    ordered: fc.boolean(),
  }),
);

describe('a distribution', () => {
  it('draws only what it contains', () => {
    fc.assert(
      fc.property(distributions, fc.nat(), (d, seed) => {
        const value = draw(d, new Random(seed));
        expect(contains(d, value)).toBe(true);
      }),
    );
  });

  it('counts its values and finds each of them again', () => {
    fc.assert(
      fc.property(distributions, (d) => {
        const count = countValues(d);
        if (!Number.isFinite(count)) return;
        for (let i = 0; i < Math.min(count, 50); i++) expect(indexOf(d, valueAt(d, i))).toBe(i);
      }),
    );
  });

  it('comes back from its unit interval', () => {
    fc.assert(
      fc.property(ranges, fc.nat(), (range, seed) => {
        const value = draw(range, new Random(seed)) as number;
        expect(fromUnit(range, toUnit(range, value))).toBeCloseTo(value, 6);
      }),
    );
  });

  it('writes steps as they read', () => {
    const d: Distribution = { kind: 'float', low: 0.1, high: 0.3, step: 0.1 };
    expect([0, 1, 2].map((i) => valueAt(d, i))).toEqual([0.1, 0.2, 0.3]);
  });
});

describe('a space', () => {
  const space: Space = (suggest) => {
    if (suggest.categorical('optimizer', ['adam', 'sgd']) === 'sgd') suggest.float('momentum', 0, 1);
    suggest.int('layers', 1, 3);
  };

  it('asks only for what its values call for', () => {
    const names = (optimizer: string) =>
      Object.keys(runSpace(space, (name) => (name === 'optimizer' ? optimizer : 1)).params);
    expect(names('adam')).toEqual(['optimizer', 'layers']);
    expect(names('sgd')).toEqual(['optimizer', 'momentum', 'layers']);
  });

  it('has an outline that is equal for equal spaces and differs for others', () => {
    expect(outlineOf(space)).toEqual(outlineOf((suggest) => space(suggest)));
    expect(Object.keys(outlineOf(space))).toEqual(['layers', 'momentum', 'optimizer']);
    expect(outlineOf(spaceOf({ layers: { kind: 'int', low: 1, high: 4 } }))).not.toEqual(outlineOf(space));
  });

  it('completes what is given, and refuses what lies outside', () => {
    const rest = () => 2;
    expect(complete(space, { optimizer: 'adam' }, rest).params).toEqual({ optimizer: 'adam', layers: 2 });
    expect(() => complete(space, { layers: 9, optimizer: 'adam' }, rest)).toThrow(coded('E_PARAMS') as Error);
    expect(() => complete(space, { optimizer: 'adam', momentum: 0.5 }, rest)).toThrow(
      coded('E_PARAMS') as Error,
    );
  });

  it.each<[string, Space]>([
    ['no choices', (s) => s.categorical('a', [])],
    ['a value twice', (s) => s.categorical('a', [1, 1])],
    ['low above high', (s) => s.float('a', 2, 1)],
    ['a logarithm of 0', (s) => s.float('a', 0, 1, { log: true })],
    ['a bound that is no number', (s) => s.float('a', 0, Number.NaN)],
    ['an integer that is none', (s) => s.int('a', 0, 1.5)],
    ['one name for two ranges', (s) => [s.int('a', 0, 1), s.int('a', 0, 2)]],
  ])('refuses %s', (_, broken) => {
    expect(() => outlineOf(broken)).toThrow(coded('E_SPACE') as Error);
  });
});
