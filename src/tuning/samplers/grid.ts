import { UsageError } from '../../errors.js';
import { countValues, valueAt } from '../distribution.js';
import { paramsKey, runSpace, type Space, type Suggestion } from '../space.js';
import type { StudyView } from '../study-view.js';
import type { Sampler } from './sampler.js';

/**
 * All configurations of a space, the last hyperparameter changing fastest; conditional ones as they are asked for.
 * @throws UsageError `E_GRID` when a hyperparameter is an interval
 */
export function* gridOf(space: Space): Generator<Suggestion> {
  for (let path: number[] | undefined = []; path !== undefined; ) {
    const counts: number[] = [];
    const chosen: number[] = path;
    yield runSpace(space, (name, distribution) => {
      const count = countValues(distribution);
      if (!Number.isFinite(count))
        throw new UsageError('E_GRID', `A grid needs values, and "${name}" is an interval.`, {
          hint: 'Give it a step or a list of choices, or search with random or tpe.',
        });
      const index = chosen[counts.length] ?? 0;
      counts.push(count);
      return valueAt(distribution, index);
    });
    path = pathAfter(chosen, counts);
  }
}

/** The next path through the tree of choices, as on an odometer; undefined after the last. */
function pathAfter(path: readonly number[], counts: readonly number[]): number[] | undefined {
  for (let at = counts.length - 1; at >= 0; at--) {
    const index = path[at] ?? 0;
    if (index + 1 < counts[at]) return [...Array.from({ length: at }, (_, i) => path[i] ?? 0), index + 1];
  }
  return undefined;
}

interface Cursor {
  grid: Suggestion[];
  /** Configurations of the trials seen so far. */
  taken: Set<string>;
  trials: number;
  next: number;
}

/** Every configuration of the space once, in order; `undefined` after the last. */
export function gridSampler(): Sampler {
  const cursors = new WeakMap<Space, WeakMap<StudyView, Cursor>>();
  const cursorOf = (space: Space, study: StudyView): Cursor => {
    if (!cursors.has(space)) cursors.set(space, new WeakMap());
    const ofSpace = cursors.get(space)!;
    if (!ofSpace.has(study))
      ofSpace.set(study, { grid: [...gridOf(space)], taken: new Set(), trials: 0, next: 0 });
    return ofSpace.get(study)!;
  };
  return {
    name: 'grid',
    suggest(space, study) {
      const cursor = cursorOf(space, study);
      for (; cursor.trials < study.trials.length; cursor.trials++)
        cursor.taken.add(paramsKey(study.trials[cursor.trials].params));
      while (cursor.next < cursor.grid.length && cursor.taken.has(paramsKey(cursor.grid[cursor.next].params)))
        cursor.next++;
      return cursor.grid[cursor.next];
    },
  };
}
