import { draw } from '../distribution.js';
import { runSpace } from '../space.js';
import type { Sampler } from './sampler.js';

/** Draws every value without preference. */
export function randomSampler(): Sampler {
  return {
    name: 'random',
    suggest: (space, _study, random) => runSpace(space, (_name, distribution) => draw(distribution, random)),
  };
}
