import { Registry } from '../registry.js';
import { gridSampler } from './grid.js';
import { randomSampler } from './random.js';
import type { Sampler } from './sampler.js';
import { tpeSampler } from './tpe.js';

/** Samplers by the name that the command line takes; add your own with `samplers.add('mine', () => …)`. */
export const samplers = new Registry<() => Sampler>('sampler', {
  random: randomSampler,
  grid: gridSampler,
  tpe: tpeSampler,
});
