import type { Random } from '../../random.js';
import type { Space, Suggestion } from '../space.js';
import type { StudyView } from '../study-view.js';

/**
 * Chooses the next configuration.
 *
 * Contract:
 * - The answer depends on the arguments alone: the same study, space and random numbers give the same suggestion. Caches are
 *   allowed, since trials at their end never change.
 * - The answer lies in the space, and has a value for everything that the space asks for on its way.
 * - Trials that others are running are in the study, without values: a sampler that would suggest the same to all who ask at
 *   the same time should look at them.
 * - One sampler may serve several studies by turns; it is never called by two at the same time.
 *
 * `samplerChecks` in `denoise/tuning/testing` check all this.
 */
export interface Sampler {
  readonly name: string;
  /** @returns `undefined` when nothing is left to try */
  suggest(space: Space, study: StudyView, random: Random): Suggestion | undefined;
}
