import { UsageError } from '../../errors.js';
import { pruners } from '../pruners/index.js';
import type { PrunerOptions } from '../pruners/pruner.js';
import { samplers } from '../samplers/index.js';
import type { Space } from '../space.js';
import { GUIDE_SETTINGS } from './guide.js';
import { learningRateSpace } from './lr-range.js';
import { spaceFrom, spaces } from './spaces.js';

/** A search as `denoise tune` names it. */
interface NamedSearch {
  /** Name of a space, where the user gives none. */
  space: string;
  sampler: string;
  pruner: string;
  /** Settings that every trial has unless its space or the user says otherwise. */
  settings: Readonly<Record<string, unknown>>;
  /** Its trials are measurements, too short to make models that are worth keeping. */
  measures?: boolean;
}

spaces.add('lr', learningRateSpace);

export const SEARCHES: Readonly<Record<string, NamedSearch>> = {
  quick: { space: 'quick', sampler: 'grid', pruner: 'none', settings: GUIDE_SETTINGS },
  full: { space: 'full', sampler: 'grid', pruner: 'asha', settings: GUIDE_SETTINGS },
  random: { space: 'guide', sampler: 'random', pruner: 'asha', settings: GUIDE_SETTINGS },
  tpe: { space: 'guide', sampler: 'tpe', pruner: 'asha', settings: GUIDE_SETTINGS },
  grid: { space: 'cfc-grid', sampler: 'grid', pruner: 'asha', settings: {} },
  lr: {
    space: 'lr',
    sampler: 'grid',
    pruner: 'none',
    settings: { schedule: 'constant' },
    measures: true,
  },
  batch: {
    space: 'batch',
    sampler: 'grid',
    pruner: 'none',
    settings: { epochs: 1, stepsPerEpoch: 20, workers: 0 },
    measures: true,
  },
};

/** A search in full, as it stands in the journal of its study: a worker on another machine needs nothing else. JSON. */
export interface SearchPlan {
  search: string;
  /** The name of a space, or hyperparameters as the command line takes them. */
  space: readonly string[];
  sampler: string;
  pruner: string;
  prunerOptions: PrunerOptions;
  settings: Readonly<Record<string, unknown>>;
}

/** @param choices of the user. @throws UsageError `E_UNKNOWN_NAME`, `E_SPACE` */
export function planSearch(
  name: string,
  choices: Partial<Pick<SearchPlan, 'space' | 'sampler' | 'pruner' | 'prunerOptions'>> = {},
): SearchPlan {
  const search = SEARCHES[name];
  if (search === undefined)
    throw new UsageError('E_UNKNOWN_NAME', `There is no search "${name}".`, {
      hint: `Choose one of: ${Object.keys(SEARCHES).join(', ')}.`,
    });
  const {
    space = [search.space],
    sampler = search.sampler,
    pruner = search.pruner,
    prunerOptions = {},
  } = choices;
  const plan = { search: name, space, sampler, pruner, prunerOptions, settings: search.settings };
  openPlan(plan);
  return plan;
}

/** What a plan stands for. @throws UsageError `E_UNKNOWN_NAME`, `E_SPACE` */
export function openPlan({ space, sampler, pruner, prunerOptions }: SearchPlan) {
  const opened: Space = spaceFrom(space);
  return { space: opened, sampler: samplers.get(sampler)(), pruner: pruners.get(pruner)(prunerOptions) };
}
