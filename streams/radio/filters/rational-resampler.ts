import { DOT_STEP, DotProducts } from '../../../src/audio/dot-products.js';
import type { Stage } from '../stage.js';
import { kaiserWidth, sincKernel } from './kaiser.js';

export interface RationalResamplerConfig {
  /** Input rate as a fraction `inputRate / inputDivisor`, both integers; Hz. */
  inputRate: number;
  inputDivisor: number;
  /** Output rate as a fraction of integers; Hz. `outputDivisor` is 1 by default. */
  outputRate: number;
  outputDivisor?: number;
  /** End of the pass-band and begin of the stop-band, Hz. */
  passHz: number;
  stopHz: number;
  /** Stop-band attenuation, dB. */
  attenuationDb: number;
  /** The largest number of samples ever written before a `run`. */
  maxInput: number;
  /** Delay of everything before, in input samples: this stage rounds the sum up to whole output samples. Default 0. */
  delayBefore?: number;
}

/** Above this many branches, two neighbouring ones of this many are interpolated (error −110 dB at 0.1 cycles/sample). */
const MOST_BRANCHES = 512;

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}

/** Polyphase FIR resampler of real samples by any ratio of integers, with a low-pass of choice. */
export class RationalResampler implements Stage<RationalResamplerConfig> {
  readonly latency: number;
  /** Where the stage before writes: `[writeAt, writeAt + count)`. */
  readonly input: Float32Array;
  readonly writeAt: number;
  /** Output period in input samples is `#down / #up`. */
  readonly #up: number;
  readonly #down: number;
  readonly #branches: number;
  readonly #length: number;
  /** The bank of filters, then the input. */
  readonly #numbers: DotProducts;
  readonly #inputAt: number;
  /** Position of the next output after the newest sample seen, in 1/`#up` of an input sample. */
  #position = 0;

  constructor(readonly config: Readonly<RationalResamplerConfig>) {
    const { inputRate, inputDivisor, outputRate, outputDivisor = 1 } = config;
    const { passHz, stopHz, attenuationDb, maxInput } = config;
    const common = gcd(outputRate * inputDivisor, inputRate * outputDivisor);
    this.#up = (outputRate * inputDivisor) / common;
    this.#down = (inputRate * outputDivisor) / common;
    const rate = inputRate / inputDivisor;
    const period = this.#down / this.#up;
    const width = kaiserWidth(attenuationDb, (stopHz - passHz) / rate);
    const before = config.delayBefore ?? 0;
    this.latency = Math.ceil((before + width / 2) / period - 1e-9) * period - before;
    this.#branches = Math.min(this.#up, MOST_BRANCHES);
    this.#length = DOT_STEP * Math.ceil((this.latency + width / 2 + 1) / DOT_STEP);
    this.writeAt = this.#length - 1;
    this.#inputAt = (this.#branches + 1) * this.#length;
    const end = this.#inputAt + this.writeAt + maxInput;
    this.#numbers = new DotProducts(end);
    this.input = this.#numbers.memory.subarray(this.#inputAt, end);
    this.#design((passHz + stopHz) / (2 * rate), width, attenuationDb);
  }

  /** Branch b holds the kernel at b / branches + 0, 1, 2, …, each branch summing to one so that 0 Hz has no images. */
  #design(cut: number, width: number, attenuationDb: number): void {
    const kernel = sincKernel(cut, width, attenuationDb);
    for (let b = 0; b <= this.#branches; b++) {
      const row = Float64Array.from({ length: this.#length }, (_, k) =>
        kernel(b / this.#branches + k - this.latency),
      );
      const sum = row.reduce((a, c) => a + c, 0);
      // Newest first, as the input is not.
      for (const [k, tap] of row.reverse().entries()) this.#numbers.memory[b * this.#length + k] = tap / sum;
    }
  }

  /** Most samples that `run(maxInput)` can give. */
  get maxOutput(): number {
    return Math.ceil((this.config.maxInput * this.#up) / this.#down) + 1;
  }

  /** Resamples the `count` samples written at `writeAt` into `out` from `at` on; gives how many came out. */
  run(count: number, out: Float32Array, at: number): number {
    const { input } = this;
    const numbers = this.#numbers;
    const length = this.#length;
    const up = this.#up;
    const exact = this.#branches === up;
    let position = this.#position;
    let to = at;
    for (; position < count * up; position += this.#down) {
      const whole = Math.floor(position / up);
      const phase = position - whole * up;
      const oldest = this.#inputAt + whole;
      if (exact) {
        out[to++] = numbers.dot(oldest, phase * length, length);
      } else {
        const place = (phase / up) * this.#branches;
        const branch = Math.floor(place);
        const low = numbers.dot(oldest, branch * length, length);
        const high = numbers.dot(oldest, (branch + 1) * length, length);
        out[to++] = low + (place - branch) * (high - low);
      }
    }
    this.#position = position - count * up;
    input.copyWithin(0, count, count + this.writeAt);
    return to - at;
  }

  reset(): void {
    this.input.fill(0);
    this.#position = 0;
  }

  clone(): RationalResampler {
    return new RationalResampler(this.config);
  }
}
