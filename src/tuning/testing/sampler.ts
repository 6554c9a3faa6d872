import assert from 'node:assert/strict';
import { Random } from '../../random.js';
import type { Sampler } from '../samplers/sampler.js';
import { complete, type Space } from '../space.js';
import type { StudyView } from '../study-view.js';
import type { Check } from './check.js';
import { PRACTICE_GRID, practiceStudy } from './practice.js';

/**
 * What every {@link Sampler} must do.
 * @param space where it is tried; a sampler that takes intervals is to be tried with one that has them
 */
export function samplerChecks(create: () => Sampler, space: Space = PRACTICE_GRID): Check[] {
  const refuse = (): never => assert.fail('a hyperparameter has no value');
  const suggestions = (study: StudyView, seed: number) =>
    Array.from({ length: 5 }, (_, i) => create().suggest(space, study, new Random(seed, i)));
  return [
    {
      name: 'suggests what lies in the space, complete',
      async run() {
        for (const trials of [0, 1, 5, 40]) {
          const study = practiceStudy(trials, 3, space);
          const before = JSON.stringify(study);
          for (const suggestion of suggestions(study, 1)) {
            if (suggestion === undefined) continue;
            assert.deepEqual(complete(space, suggestion.params, refuse).params, suggestion.params);
            assert.deepEqual(Object.keys(suggestion.distributions), Object.keys(suggestion.params));
          }
          assert.equal(JSON.stringify(study), before, 'the study is as it was');
        }
      },
    },
    {
      name: 'suggests the same to the same question',
      async run() {
        for (const trials of [0, 40]) {
          const study = practiceStudy(trials, 3, space);
          assert.deepEqual(suggestions(study, 2), suggestions(practiceStudy(trials, 3, space), 2));
        }
      },
    },
    {
      name: 'goes on with what it has seen of the study before',
      async run() {
        const study = practiceStudy(40, 3, space);
        const growing = { ...study, trials: study.trials.slice(0, 20) };
        const sampler = create();
        sampler.suggest(space, growing, new Random(1));
        growing.trials = [...study.trials];
        assert.deepEqual(
          sampler.suggest(space, growing, new Random(2)),
          create().suggest(space, study, new Random(2)),
        );
      },
    },
  ];
}
