import { PairSampler, type PairSamplerOptions } from './pairs.js';
import { type ExampleInfo, Remixer, type RemixerOptions } from './remix.js';

/** Where examples come from: mixed out of two libraries, or cut from pairs of recordings. */
export type ExampleOptions = RemixerOptions | PairSamplerOptions;

/** Makes example `index` of a seed into two arrays `[samples]`, the same on any thread and in any order. */
export interface ExampleSource {
  example(index: number, noisy: Float32Array, clean: Float32Array): ExampleInfo;
}

/** The source that the options ask for. @throws {TrainingError} when there is nothing to make examples of */
export function createExampleSource(options: ExampleOptions): ExampleSource {
  return 'pairs' in options ? new PairSampler(options) : new Remixer(options);
}

/** One step's examples. The arrays belong to whoever receives them. */
export interface TrainingBatch {
  /** Which step this is: example `b` of it is number `step · batch + b` of the seed. */
  step: number;
  /** `[batch, samples]`, row by row: what the model hears. */
  noisy: Float32Array<ArrayBuffer>;
  /** `[batch, samples]`: the targets. */
  clean: Float32Array<ArrayBuffer>;
  /** `[batch]` in dB: `Infinity` for speech alone, `-Infinity` for noise alone, whose target is silence; `NaN` for pairs. */
  snrDb: Float32Array<ArrayBuffer>;
  /** Time spent on mixing, in milliseconds. */
  mixMs: number;
}

/** Mixes the batch of one step. */
export function mixBatch(source: ExampleSource, step: number, batch: number, samples: number): TrainingBatch {
  const start = performance.now();
  const noisy = new Float32Array(batch * samples);
  const clean = new Float32Array(batch * samples);
  const snrDb = new Float32Array(batch);
  for (let b = 0; b < batch; b++) {
    const row = (all: Float32Array) => all.subarray(b * samples, (b + 1) * samples);
    snrDb[b] = source.example(step * batch + b, row(noisy), row(clean)).snrDb;
  }
  return { step, noisy, clean, snrDb, mixMs: performance.now() - start };
}
