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
  readonly input: Float64Array;
  readonly writeAt: number;
  /** Output period in input samples is `#down / #up`. */
  readonly #up: number;
  readonly #down: number;
  readonly #branches: number;
  readonly #length: number;
  readonly #bank: Float64Array;
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
    this.#length = 4 * Math.ceil((this.latency + width / 2 + 1) / 4);
    this.#bank = this.#design((passHz + stopHz) / (2 * rate), width, attenuationDb);
    this.writeAt = this.#length - 1;
    this.input = new Float64Array(this.writeAt + maxInput);
  }

  /** Branch b holds the kernel at b / branches + 0, 1, 2, …, each branch summing to one so that 0 Hz has no images. */
  #design(cut: number, width: number, attenuationDb: number): Float64Array {
    const kernel = sincKernel(cut, width, attenuationDb);
    const bank = new Float64Array((this.#branches + 1) * this.#length);
    for (let b = 0; b <= this.#branches; b++) {
      const row = bank.subarray(b * this.#length, (b + 1) * this.#length);
      for (let k = 0; k < row.length; k++) row[k] = kernel(b / this.#branches + k - this.latency);
      const sum = row.reduce((a, c) => a + c, 0);
      for (let k = 0; k < row.length; k++) row[k] /= sum;
    }
    return bank;
  }

  /** Most samples that `run(maxInput)` can give. */
  get maxOutput(): number {
    return Math.ceil((this.config.maxInput * this.#up) / this.#down) + 1;
  }

  /** Resamples the `count` samples written at `writeAt` into `out` from `at` on; gives how many came out. */
  run(count: number, out: Float32Array | Float64Array, at: number): number {
    const { input } = this;
    const bank = this.#bank;
    const length = this.#length;
    const up = this.#up;
    const exact = this.#branches === up;
    let position = this.#position;
    let to = at;
    for (; position < count * up; position += this.#down) {
      const whole = Math.floor(position / up);
      const phase = position - whole * up;
      const newest = this.writeAt + whole;
      if (exact) {
        out[to++] = dot(input, newest, bank, phase * length, length);
      } else {
        const place = (phase / up) * this.#branches;
        const branch = Math.floor(place);
        const low = dot(input, newest, bank, branch * length, length);
        const high = dot(input, newest, bank, (branch + 1) * length, length);
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

/** Four sums, because a single one would wait for each addition to end before the next. */
function dot(x: Float64Array, newest: number, bank: Float64Array, row: number, length: number): number {
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  for (let k = 0; k < length; k += 4) {
    a += x[newest - k] * bank[row + k];
    b += x[newest - k - 1] * bank[row + k + 1];
    c += x[newest - k - 2] * bank[row + k + 2];
    d += x[newest - k - 3] * bank[row + k + 3];
  }
  return a + b + (c + d);
}
