import type { Stage } from './stage.js';

export interface NoiseBlankerConfig {
  /** Complex samples per second, Hz. */
  sampleRate: number;
}

/** Blocks whose power the floor is the median of, seconds: pulses at 1 kHz then touch one block in eight. */
const BLOCK_SECONDS = 60e-6;
/** The floor moves by so much a block, 0.4 dB: at 60 µs it follows 7 dB/ms, faster than any voice rises. */
const STEP = 10 ** 0.04;
/** During the first blocks the floor still searches, by 3 dB a block. */
const SEARCH_BLOCKS = 32;
const SEARCH_STEP = 10 ** 0.3;
/** A pulse stands so far above the floor, 12 dB. Noise alone does so once in 4 million samples, at no harm. */
const THRESHOLD = 10 ** 1.2;
/** What lasts longer is no pulse but a signal that has begun, and passes, seconds. */
const LONGEST_SECONDS = 100e-6;
/** Blanked before and after what is above the threshold, seconds: the tuner's filter rounds a pulse's edges. */
const GUARD_SECONDS = 3e-6;

/**
 * Takes short broadband pulses (ignitions, switching supplies, electric fences) out of complex samples before the channel
 * filter smears them: behind it a pulse of 10 µs is 100 µs long and 40 dB stronger than the voice still. What is taken out is
 * bridged by a line between its neighbours, which for a signal narrower than 1 / (length of the pulse) is nearly itself.
 * The threshold follows the median of the block powers, which pulses do not move.
 *
 * Works in place on a filter's input, `latency` samples late.
 */
export class NoiseBlanker implements Stage<NoiseBlankerConfig> {
  /** In samples. */
  readonly latency: number;
  /** Pulses and samples blanked so far. */
  pulses = 0;
  blankedSamples = 0;
  readonly #guard: number;
  readonly #longest: number;
  readonly #block: number;
  readonly #tailI: Float32Array;
  readonly #tailQ: Float32Array;
  #inBlock = 0;
  #blockPower = 0;
  #blocks = 0;
  #floor = 0;
  #threshold = Number.POSITIVE_INFINITY;
  /** Samples since the pulse under way began and since it was last above the threshold; −1 without one. */
  #age = -1;
  #quiet = 0;
  /** The pulse under way has become too long to be one. */
  #tooLong = false;

  constructor(readonly config: Readonly<NoiseBlankerConfig>) {
    const { sampleRate } = config;
    this.#guard = Math.max(1, Math.round(GUARD_SECONDS * sampleRate));
    this.#longest = Math.max(3, Math.round(LONGEST_SECONDS * sampleRate));
    this.#block = Math.max(16, Math.round(BLOCK_SECONDS * sampleRate));
    this.latency = this.#longest + 2 * this.#guard + 1;
    this.#tailI = new Float32Array(this.latency);
    this.#tailQ = new Float32Array(this.latency);
  }

  /** Takes `count` new samples at `[at, at + count)` and leaves there those of `latency` samples before. */
  process(i: Float32Array, q: Float32Array, at: number, count: number): void {
    const { latency } = this;
    // The late samples come first, the new ones behind them.
    i.copyWithin(at + latency, at, at + count);
    q.copyWithin(at + latency, at, at + count);
    i.set(this.#tailI, at);
    q.set(this.#tailQ, at);
    const end = at + latency + count;
    for (let n = at + latency; n < end; ) {
      const part = Math.min(end - n, this.#block - this.#inBlock);
      this.#scan(i, q, n, n + part);
      n += part;
      this.#inBlock += part;
      if (this.#inBlock === this.#block) this.#endBlock();
    }
    this.#tailI.set(i.subarray(at + count, end));
    this.#tailQ.set(q.subarray(at + count, end));
  }

  #scan(i: Float32Array, q: Float32Array, from: number, to: number): void {
    const threshold = this.#threshold;
    let sum = this.#blockPower;
    for (let n = from; n < to; n++) {
      const power = i[n] * i[n] + q[n] * q[n];
      sum += power;
      if (power > threshold || this.#age >= 0) this.#follow(i, q, n, power > threshold);
    }
    this.#blockPower = sum;
  }

  #follow(i: Float32Array, q: Float32Array, n: number, above: boolean): void {
    this.#age++;
    this.#quiet = above ? 0 : this.#quiet + 1;
    if (this.#age - this.#quiet >= this.#longest) this.#tooLong = true;
    if (this.#quiet <= this.#guard) return;
    // Its last loud sample lies `quiet` back; one guard more on either side, then the neighbours of the line.
    if (!this.#tooLong) this.#bridge(i, q, n - this.#age - this.#guard, n);
    this.#age = -1;
    this.#quiet = 0;
    this.#tooLong = false;
  }

  /** A line from sample `before` to sample `after`. */
  #bridge(i: Float32Array, q: Float32Array, before: number, after: number): void {
    const stepI = (i[after] - i[before]) / (after - before);
    const stepQ = (q[after] - q[before]) / (after - before);
    for (let n = before + 1; n < after; n++) {
      i[n] = i[n - 1] + stepI;
      q[n] = q[n - 1] + stepQ;
    }
    this.pulses++;
    this.blankedSamples += after - before - 1;
  }

  #endBlock(): void {
    const power = this.#blockPower / this.#block + 1e-30;
    const step = this.#blocks < SEARCH_BLOCKS ? SEARCH_STEP : STEP;
    if (this.#blocks === 0) this.#floor = power;
    else this.#floor = Math.max(this.#floor / step, Math.min(this.#floor * step, power));
    this.#blocks++;
    this.#threshold = this.#blocks < SEARCH_BLOCKS ? Number.POSITIVE_INFINITY : this.#floor * THRESHOLD;
    this.#inBlock = 0;
    this.#blockPower = 0;
  }

  reset(): void {
    this.#tailI.fill(0);
    this.#tailQ.fill(0);
    this.pulses = 0;
    this.blankedSamples = 0;
    this.#age = -1;
    this.#quiet = 0;
    this.#tooLong = false;
    this.#inBlock = 0;
    this.#blockPower = 0;
    this.#blocks = 0;
    this.#floor = 0;
    this.#threshold = Number.POSITIVE_INFINITY;
  }

  clone(): NoiseBlanker {
    return new NoiseBlanker(this.config);
  }
}
