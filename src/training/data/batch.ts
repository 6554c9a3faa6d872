import { Random } from '../../random.js';
import { PairSampler, type PairSamplerOptions } from './pairs.js';
import { type ExampleInfo, Remixer, type RemixerOptions } from './remix.js';

/** Tells the draw of a kind from the draws inside an example. */
const BLEND = 0x42_4c;

/** Examples of several kinds, drawn at random. */
export interface BlendOptions {
  /** Kinds with the share that each has, relative to the others. */
  parts: readonly { share: number; examples: ExampleOptions }[];
  /** Length of an example in samples; that of all parts. */
  samples: number;
  /** Any integer; with the index it decides which kind an example is of. */
  seed: number;
}

/** Where examples come from: mixed out of two libraries, cut from pairs of recordings, or some of one and some of another. */
export type ExampleOptions = RemixerOptions | PairSamplerOptions | BlendOptions;

/** Makes example `index` of a seed into two arrays `[samples]`, the same on any thread and in any order. */
export interface ExampleSource {
  example(index: number, noisy: Float32Array, clean: Float32Array): ExampleInfo;
}

/** The source that the options ask for. @throws {TrainingError} when there is nothing to make examples of */
export function createExampleSource(options: ExampleOptions): ExampleSource {
  if ('parts' in options) return new Blend(options);
  return 'pairs' in options ? new PairSampler(options) : new Remixer(options);
}

class Blend implements ExampleSource {
  readonly #sources: readonly { upTo: number; source: ExampleSource }[];
  readonly #total: number;

  constructor(private readonly options: BlendOptions) {
    let upTo = 0;
    const used = options.parts.filter(({ share }) => share > 0);
    this.#sources = used.map(({ share, examples }) => {
      upTo += share;
      return { upTo, source: createExampleSource(examples) };
    });
    this.#total = upTo;
  }

  example(index: number, noisy: Float32Array, clean: Float32Array): ExampleInfo {
    const drawn = this.#total * new Random(this.options.seed, index, BLEND).next();
    const { source } = this.#sources.find(({ upTo }) => drawn < upTo)!;
    return source.example(index, noisy, clean);
  }
}

/** One step's examples. The receiver owns the arrays. */
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
