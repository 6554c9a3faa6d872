import { UsageError } from '../errors.js';
import { hashText, Random } from '../random.js';
import {
  checkDistribution,
  contains,
  type Distribution,
  draw,
  type ParameterValue,
  type Params,
} from './distribution.js';

/**
 * Asks for hyperparameters by name. A name that is asked for twice gives the same value twice.
 * Every method throws a UsageError `E_SPACE` for a distribution without values.
 */
export interface Suggest {
  /** A number of [low, high]. */
  float(name: string, low: number, high: number, options?: { log?: boolean; step?: number }): number;
  /** An integer of [low, high]. */
  int(name: string, low: number, high: number, options?: { log?: boolean; step?: number }): number;
  /** One of a list without an order. */
  categorical<T extends ParameterValue>(name: string, choices: readonly T[]): T;
  /** One of a list whose neighbours are alike. */
  ordered<T extends ParameterValue>(name: string, choices: readonly T[]): T;
}

/**
 * What is searched, defined by running it: the function asks for each hyperparameter it needs, and may ask for one only
 * when another has a certain value.
 *
 *     const space: Space = (suggest) => {
 *       suggest.float('lr', 1e-4, 1e-2, { log: true });
 *       if (suggest.categorical('optimizer', ['adam', 'adamw']) === 'adamw') suggest.float('weightDecay', 0, 0.1);
 *     };
 *
 * It is run many times for one suggestion, so it must do nothing else and depend on nothing but the values it is given.
 */
export type Space = (suggest: Suggest) => void;

/** A configuration, and what each of its values was drawn from. */
export interface Suggestion {
  params: Params;
  distributions: Readonly<Record<string, Distribution>>;
}

/** Chooses the value of one hyperparameter. */
export type Pick = (name: string, distribution: Distribution) => ParameterValue;

/**
 * Runs a space with values chosen by `pick`.
 * @throws UsageError `E_SPACE` when a distribution has no values, or one name stands for two distributions
 */
export function runSpace(space: Space, pick: Pick): Suggestion {
  const params: Record<string, ParameterValue> = {};
  const distributions: Record<string, Distribution> = {};
  const choose = (name: string, distribution: Distribution): ParameterValue => {
    if (name in params) {
      if (!sameDistribution(distributions[name], distribution))
        throw new UsageError('E_SPACE', `The hyperparameter "${name}" is asked for with two ranges.`, {
          hint: 'Give the second one another name.',
        });
      return params[name];
    }
    checkDistribution(name, distribution);
    distributions[name] = distribution;
    params[name] = pick(name, distribution);
    return params[name];
  };
  space({
    float: (name, low, high, options = {}) =>
      choose(name, { kind: 'float', low, high, ...options }) as number,
    int: (name, low, high, options = {}) => choose(name, { kind: 'int', low, high, ...options }) as number,
    categorical: <T extends ParameterValue>(name: string, choices: readonly T[]) =>
      choose(name, { kind: 'categorical', choices }) as T,
    ordered: <T extends ParameterValue>(name: string, choices: readonly T[]) =>
      choose(name, { kind: 'categorical', choices, ordered: true }) as T,
  });
  return { params, distributions };
}

/** A space of hyperparameters that do not depend on each other. */
export function spaceOf(distributions: Readonly<Record<string, Distribution>>): Space {
  return (suggest) => {
    for (const [name, d] of Object.entries(distributions)) {
      if (d.kind === 'categorical')
        d.ordered ? suggest.ordered(name, d.choices) : suggest.categorical(name, d.choices);
      else suggest[d.kind](name, d.low, d.high, { log: d.log, step: d.step });
    }
  };
}

/**
 * A configuration given from outside, completed by `rest` where it leaves hyperparameters out.
 * @throws UsageError `E_PARAMS` for a value that its range does not have, or a name that the space does not ask for
 */
export function complete(space: Space, given: Params, rest: Pick): Suggestion {
  const suggestion = runSpace(space, (name, distribution) => {
    if (!(name in given)) return rest(name, distribution);
    if (!contains(distribution, given[name]))
      throw new UsageError('E_PARAMS', `${name} = ${given[name]} lies outside the space of the study.`, {
        hint: `The space has ${JSON.stringify(distribution)}.`,
      });
    return given[name];
  });
  const unknown = Object.keys(given).find((name) => !(name in suggestion.params));
  if (unknown !== undefined)
    throw new UsageError('E_PARAMS', `The space of the study does not ask for "${unknown}".`, {
      hint: `With these values it asks for ${Object.keys(suggestion.params).join(', ')}.`,
    });
  return suggestion;
}

/** Runs of a space from which its outline is taken. */
const OUTLINE_RUNS = 64;

/**
 * The distributions that a space asks for, by name, gathered from runs with values drawn from fixed seeds: equal spaces have equal
 * outlines. A branch that one configuration in a thousand takes may be missing.
 */
export function outlineOf(space: Space): Record<string, Distribution[]> {
  const found = new Map<string, Map<string, Distribution>>();
  for (let run = 0; run < OUTLINE_RUNS; run++) {
    const { distributions } = runSpace(space, (name, d) => draw(d, new Random(run, hashText(name))));
    for (const [name, d] of Object.entries(distributions)) {
      if (!found.has(name)) found.set(name, new Map());
      found.get(name)!.set(distributionKey(d), d);
    }
  }
  return Object.fromEntries(
    [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, all]) => [name, [...all.values()]]),
  );
}

/** Equal for equal distributions, however they are written. */
export function distributionKey(d: Distribution): string {
  return d.kind === 'categorical'
    ? JSON.stringify([d.kind, d.choices, d.ordered === true])
    : JSON.stringify([d.kind, d.low, d.high, d.log === true, d.step ?? null]);
}

const sameDistribution = (a: Distribution, b: Distribution): boolean =>
  distributionKey(a) === distributionKey(b);

const keys = new WeakMap<Params, string>();

/** Equal for equal configurations, whatever the order of their names. */
export function paramsKey(params: Params): string {
  let key = keys.get(params);
  if (key === undefined) {
    key = JSON.stringify(Object.entries(params).sort(([a], [b]) => (a < b ? -1 : 1)));
    keys.set(params, key);
  }
  return key;
}
