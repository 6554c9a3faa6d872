import type { Remixer } from './remix.js';

/** One step's examples. The arrays belong to whoever receives them. */
export interface TrainingBatch {
  /** Which step this is: example `b` of it is number `step · batch + b` of the seed. */
  step: number;
  /** `[batch, samples]`, row by row: what the model hears. */
  noisy: Float32Array<ArrayBuffer>;
  /** `[batch, samples]`: the targets. */
  clean: Float32Array<ArrayBuffer>;
  /** `[batch]` in dB: `Infinity` for speech alone, `-Infinity` for noise alone, whose target is silence. */
  snrDb: Float32Array<ArrayBuffer>;
  /** Time spent on mixing, in milliseconds. */
  mixMs: number;
}

/** Mixes the batch of one step. */
export function mixBatch(remixer: Remixer, step: number, batch: number, samples: number): TrainingBatch {
  const start = performance.now();
  const noisy = new Float32Array(batch * samples);
  const clean = new Float32Array(batch * samples);
  const snrDb = new Float32Array(batch);
  for (let b = 0; b < batch; b++) {
    const row = (all: Float32Array) => all.subarray(b * samples, (b + 1) * samples);
    snrDb[b] = remixer.example(step * batch + b, row(noisy), row(clean)).snrDb;
  }
  return { step, noisy, clean, snrDb, mixMs: performance.now() - start };
}
