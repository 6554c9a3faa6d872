import { hashText, Random } from '../../random.js';
import { paramsKey, runSpace, type Space, type Suggestion } from '../space.js';
import { type StudyView, trialsByPromise } from '../study-view.js';
import type { TrialRecord } from '../trial.js';
import { ParzenMixture } from './parzen.js';
import { randomSampler } from './random.js';
import type { Sampler } from './sampler.js';

/** Far below every difference of log densities. */
const ALREADY_TRIED = -1e6;

export interface TpeOptions {
  /** Trials drawn at random before there is anything to learn from. Default 10. */
  startup?: number;
  /** Configurations drawn, of which the most promising is suggested. Default 24. */
  candidates?: number;
  /** Of `n` observed trials, how many count as good. Default a tenth, 25 at most. */
  good?(n: number): number;
}

/**
 * The tree-structured Parzen estimator (J. Bergstra 2011), multivariate: models where good configurations lie and where
 * all others do, and suggests what is likely among the first and unlikely among the second.
 *
 * Trials that stopped on the way count too, as in Optuna: behind all complete ones, those that came further first. Trials
 * under way count as not good, so that many who ask at the same time do not get the same.
 */
export function tpeSampler(options: TpeOptions = {}): Sampler {
  const { startup = 10, candidates = 24, good = (n) => Math.min(25, Math.ceil(0.1 * n)) } = options;
  const random = randomSampler();
  return {
    name: 'tpe',
    suggest(space, study, numbers) {
      const ranked = trialsByPromise(study);
      if (ranked.length < startup) return random.suggest(space, study, numbers);
      const { below, above } = splitTrials(ranked, good(ranked.length), study);
      const dimensions = Object.keys(
        runSpace(space, (_, d) => (d.kind === 'categorical' ? d.choices[0] : d.low)).params,
      ).length;
      const likely = new ParzenMixture(
        below,
        below.map(() => 1),
        1,
        dimensions,
      );
      const unlikely = new ParzenMixture(above, recencyWeights(above.length), 1, dimensions);
      // A training with one seed gives the same loss again: what was tried is suggested only when all candidates were.
      const tried = new Set(study.trials.map(({ params }) => paramsKey(params)));
      let best: Suggestion | undefined;
      let bestScore = Number.NEGATIVE_INFINITY;
      for (let i = 0; i < candidates; i++) {
        const candidate = drawCandidate(space, likely, numbers);
        const known = tried.has(paramsKey(candidate.params)) ? ALREADY_TRIED : 0;
        const score = likely.logDensity(candidate) - unlikely.logDensity(candidate) + known;
        if (best !== undefined && score <= bestScore) continue;
        best = candidate;
        bestScore = score;
      }
      return best;
    },
  };
}

function drawCandidate(space: Space, from: ParzenMixture, random: Random): Suggestion {
  const part = from.drawPart(random);
  return runSpace(space, (name, distribution) => from.draw(part, name, distribution, random));
}

/** The good trials, and all others in the order of their numbers. */
function splitTrials(ranked: readonly TrialRecord[], good: number, study: StudyView) {
  const below = ranked.slice(0, Math.max(1, good));
  const underWay = study.trials.filter(({ state }) => state === 'running' || state === 'waiting');
  const above = [...ranked.slice(below.length), ...underWay].sort((a, b) => a.number - b.number);
  return { below, above };
}

/** The last 25 weigh 1; before them the weights fall evenly to 1/n. */
function recencyWeights(n: number): number[] {
  const old = Math.max(0, n - 25);
  return Array.from({ length: n }, (_, i) => (i >= old ? 1 : 1 / n + ((1 - 1 / n) * i) / Math.max(1, old)));
}

/** Random numbers of one trial of a study: the same whoever asks. */
export function randomOfTrial(seed: number, number: number): Random {
  return new Random(seed, hashText('suggestion'), number);
}
