import type { CheckpointInfo } from '../../models/checkpoint.js';
import { SampleQueue } from '../audio/sample-queue.js';
import { BlockFactors } from './block-factors.js';
import type { MonoDenoiser } from './mono-denoiser.js';

/** Levels are measured in blocks of this length, seconds. */
const BLOCK_SECONDS = 0.016;

/** How far back and ahead the loudest passage is looked for, and over how long the factor changes, seconds. */
const REACH_SECONDS = 10;
const GLIDE_SECONDS = 1;

/**
 * Makes a model that was trained at one level indifferent to the level of a recording: the loudest of the ten seconds before
 * and after is brought to where the model expects it, and what the model makes of it is divided by the same factor. Without
 * looking ahead the quiet before the first word would be turned up until it is spoken: clean speech with three seconds of
 * room before it then came out at 13 dB of SI-SDR in place of 28. So this is for recordings; live audio has no such time.
 *
 * Any chunks give the same output; a recording multiplied by a constant comes out multiplied by it.
 */
export class LevelNormaliser implements MonoDenoiser {
  readonly sampleRate: number;
  readonly latencySamples: number;
  readonly #block: number;
  readonly #blocks: BlockFactors;
  readonly #input = new SampleQueue();
  /** By what the samples were multiplied that are in the model. */
  readonly #factors = new SampleQueue();
  /** Samples of the block under way, and their energy. */
  #filled = 0;
  #energy = 0;
  /** Factor at the end of the last block that went into the model. */
  #factor: number | undefined;

  /** @param inner - the stream of a model. */
  constructor(private readonly inner: MonoDenoiser) {
    this.sampleRate = inner.sampleRate;
    this.#block = Math.round(BLOCK_SECONDS * inner.sampleRate);
    const reach = Math.round(REACH_SECONDS / BLOCK_SECONDS);
    const glide = Math.round(GLIDE_SECONDS / BLOCK_SECONDS / 2);
    this.#blocks = new BlockFactors(reach, glide);
    this.latencySamples = inner.latencySamples + (reach + glide + 1) * this.#block;
  }

  async process(samples: Float32Array): Promise<Float32Array> {
    this.#input.push(samples);
    for (let i = 0; i < samples.length; i++) {
      this.#energy += samples[i] * samples[i];
      if (++this.#filled === this.#block) this.#endBlock();
    }
    return this.#divide(await this.inner.process(this.#multiplied()));
  }

  async flush(): Promise<Float32Array> {
    if (this.#filled > 0) this.#endBlock();
    this.#blocks.finish();
    const last = this.#divide(await this.inner.process(this.#multiplied()));
    const rest = this.#divide(await this.inner.flush());
    const all = new Float32Array(last.length + rest.length);
    all.set(last);
    all.set(rest, last.length);
    return all;
  }

  reset(): void {
    this.#input.clear();
    this.#factors.clear();
    this.#blocks.reset();
    this.#filled = 0;
    this.#energy = 0;
    this.#factor = undefined;
    this.inner.reset();
  }

  #endBlock(): void {
    this.#blocks.push(this.#energy / this.#filled);
    this.#filled = 0;
    this.#energy = 0;
  }

  /** The blocks whose factors are known, each multiplied by what goes from the last factor to its own. */
  #multiplied(): Float32Array {
    const known = this.#blocks.take();
    const samples = this.#input.take(known.length * this.#block);
    const factors = new Float32Array(samples.length);
    known.forEach((factor, k) => {
      const before = this.#factor ?? factor;
      const from = k * this.#block;
      const length = Math.min(this.#block, samples.length - from);
      for (let i = 0; i < length; i++) {
        factors[from + i] = before + ((factor - before) * (i + 1)) / this.#block;
        samples[from + i] *= factors[from + i];
      }
      this.#factor = factor;
    });
    this.#factors.push(factors);
    return samples;
  }

  /** Takes the factors out again, in place. */
  #divide(clean: Float32Array): Float32Array {
    const factors = this.#factors.peek(clean.length);
    for (let i = 0; i < clean.length; i++) clean[i] /= factors[i];
    this.#factors.drop(clean.length);
    return clean;
  }
}

/** What denoises one channel of a recording with a stream of a model: the level is taken out where the model depends on it. */
export function recordingDenoiser({ info }: { info: CheckpointInfo }, stream: MonoDenoiser): MonoDenoiser {
  return info.levelDependent ? new LevelNormaliser(stream) : stream;
}
