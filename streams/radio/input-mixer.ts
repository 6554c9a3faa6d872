import { InputError } from '../../src/errors.js';
import type { IqFormat, IqSamples } from '../sources/iq-chunk.js';
import { IqBalance } from './iq-balance.js';
import type { Stage } from './stage.js';

/** Zero of the RTL2832's unsigned bytes: the mean of what it gives without a signal, not 127.5. */
const CU8_ZERO = 127.4;
const CU8 = Float32Array.from({ length: 256 }, (_, byte) => (byte - CU8_ZERO) / 128);

/** Full scale of each integer format. */
const SCALE = { cs8: 1 / 128, cs16: 1 / 32768, cf32: 1 } as const;

/**
 * A float sample this large, or that is no number, is broken, and silence instead: one NaN would stay in the means and
 * the loops behind for ever, 1e38 for 17 s. Recordings in units of 16-bit integers stay far below.
 */
const MOST = 1e6;

/** The phasor is taken from the exact phase anew every so many samples, counted from the stream's start. */
const RUN = 64;

export interface InputMixerConfig {
  /** Complex samples per second, Hz. */
  sampleRate: number;
  /** Subtract the slowly measured mean of I and Q, at first. */
  removeDc: boolean;
  /** Make I and Q equally strong and put them at right angles. */
  balanceIq: boolean;
}

/** The format that an array of samples holds. */
export function formatOf(samples: IqSamples): IqFormat {
  if (samples instanceof Uint8Array) return 'cu8';
  if (samples instanceof Int8Array) return 'cs8';
  if (samples instanceof Int16Array) return 'cs16';
  if (samples instanceof Float32Array) return 'cf32';
  throw new InputError('E_IQ_FORMAT', 'IQ samples are neither bytes, 16-bit integers nor 32-bit floats.', {
    hint: 'Give a Uint8Array (cu8), Int8Array (cs8), Int16Array (cs16) or Float32Array (cf32).',
  });
}

/** Reads single values of an array of samples as floats, full scale ±1. */
export function sampleReader(samples: IqSamples): (index: number) => number {
  const format = formatOf(samples);
  if (format === 'cu8') return (index) => CU8[samples[index]];
  const scale = SCALE[format];
  return (index) => samples[index] * scale;
}

/**
 * First stage: bytes to floats by a table, mean removal, and the oscillator that brings the wanted frequency to 0 Hz,
 * in one pass. The phase goes on without a step when the frequency changes.
 */
export class InputMixer implements Stage<InputMixerConfig> {
  readonly latency = 0;
  /** Samples that were no numbers, or too large to be any signal's: silence instead. */
  broken = 0;
  readonly #cos = new Float64Array(RUN);
  readonly #sin = new Float64Array(RUN);
  /** Cycles per sample, and the phase in cycles at the begin of the current run. */
  #step = 0;
  #phase = 0;
  #inRun = 0;
  #dcI = 0;
  #dcQ = 0;
  #sumI = 0;
  #sumQ = 0;
  #sumII = 0;
  #sumQQ = 0;
  #sumIQ = 0;
  #summed = 0;
  #updates = 0;
  #removeDc: boolean;
  readonly #balance = new IqBalance();

  constructor(readonly config: Readonly<InputMixerConfig>) {
    this.#removeDc = config.removeDc;
    this.setFrequency(0);
  }

  /** Whether the mean of I and Q is subtracted; it is measured anew whenever that begins. */
  set removeDc(wanted: boolean) {
    if (wanted === this.#removeDc) return;
    this.#removeDc = wanted;
    this.#forgetDc();
  }

  /** Frequency that is brought to 0 Hz, Hz from the centre. */
  get frequencyHz(): number {
    return this.#step * this.config.sampleRate;
  }

  setFrequency(hz: number): void {
    this.#phase = this.#phaseAt(this.#inRun);
    this.#inRun = 0;
    this.#step = hz / this.config.sampleRate;
    for (let k = 0; k < RUN; k++) {
      this.#cos[k] = Math.cos(2 * Math.PI * this.#step * k);
      this.#sin[k] = -Math.sin(2 * Math.PI * this.#step * k);
    }
  }

  #phaseAt(sample: number): number {
    const phase = this.#phase + this.#step * sample;
    return phase - Math.floor(phase);
  }

  /** Mixes `count` complex samples from the `from`-th on into `outI`, `outQ` from `at` on. */
  mix(
    samples: IqSamples,
    from: number,
    count: number,
    outI: Float32Array,
    outQ: Float32Array,
    at: number,
  ): void {
    let done = 0;
    while (done < count) {
      const n = Math.min(count - done, RUN - this.#inRun);
      if (samples instanceof Uint8Array) this.#mixBytes(samples, from + done, n, outI, outQ, at + done);
      else this.#mixScaled(samples, from + done, n, outI, outQ, at + done);
      done += n;
      this.#inRun += n;
      if (this.#inRun === RUN) {
        this.#phase = this.#phaseAt(RUN);
        this.#inRun = 0;
      }
    }
    this.#summed += count;
  }

  #mixBytes(
    bytes: Uint8Array,
    from: number,
    count: number,
    outI: Float32Array,
    outQ: Float32Array,
    at: number,
  ): void {
    const cos = this.#cos;
    const sin = this.#sin;
    const c0 = Math.cos(2 * Math.PI * this.#phase);
    const s0 = -Math.sin(2 * Math.PI * this.#phase);
    const dcI = this.#dcI;
    const dcQ = this.#dcQ;
    let sumI = this.#sumI;
    let sumQ = this.#sumQ;
    let sumII = this.#sumII;
    let sumQQ = this.#sumQQ;
    let sumIQ = this.#sumIQ;
    const { ofI, ofQ } = this.#balance;
    let k = this.#inRun;
    for (let n = 0; n < count; n++, k++) {
      const rawI = CU8[bytes[2 * (from + n)]];
      const rawQ = CU8[bytes[2 * (from + n) + 1]];
      sumI += rawI;
      sumQ += rawQ;
      sumII += rawI * rawI;
      sumQQ += rawQ * rawQ;
      sumIQ += rawI * rawQ;
      const i = rawI - dcI;
      const q = (rawQ - dcQ) * ofQ + i * ofI;
      const c = c0 * cos[k] - s0 * sin[k];
      const s = c0 * sin[k] + s0 * cos[k];
      outI[at + n] = i * c - q * s;
      outQ[at + n] = i * s + q * c;
    }
    this.#sumI = sumI;
    this.#sumQ = sumQ;
    this.#sumII = sumII;
    this.#sumQQ = sumQQ;
    this.#sumIQ = sumIQ;
  }

  #mixScaled(
    samples: Int8Array | Int16Array | Float32Array,
    from: number,
    count: number,
    outI: Float32Array,
    outQ: Float32Array,
    at: number,
  ): void {
    const { ofI, ofQ } = this.#balance;
    const float = samples instanceof Float32Array;
    const scale = float ? SCALE.cf32 : samples instanceof Int8Array ? SCALE.cs8 : SCALE.cs16;
    const c0 = Math.cos(2 * Math.PI * this.#phase);
    const s0 = -Math.sin(2 * Math.PI * this.#phase);
    let k = this.#inRun;
    for (let n = 0; n < count; n++, k++) {
      let rawI = samples[2 * (from + n)] * scale;
      let rawQ = samples[2 * (from + n) + 1] * scale;
      if (float && !(Math.abs(rawI) < MOST && Math.abs(rawQ) < MOST)) {
        rawI = 0;
        rawQ = 0;
        this.broken++;
      }
      this.#sumI += rawI;
      this.#sumQ += rawQ;
      this.#sumII += rawI * rawI;
      this.#sumQQ += rawQ * rawQ;
      this.#sumIQ += rawI * rawQ;
      const i = rawI - this.#dcI;
      const q = (rawQ - this.#dcQ) * ofQ + i * ofI;
      const c = c0 * this.#cos[k] - s0 * this.#sin[k];
      const s = c0 * this.#sin[k] + s0 * this.#cos[k];
      outI[at + n] = i * c - q * s;
      outQ[at + n] = i * s + q * c;
    }
  }

  /**
   * Takes what was measured since the last call into the mean that is subtracted (plain average at first, then
   * exponential over 32 calls) and into the balance of I and Q. To be called at fixed sample counts, or the output would depend on the block size.
   */
  update(): void {
    if (this.config.balanceIq && this.#summed > 0)
      this.#balance.update(this.#summed, this.#sumI, this.#sumQ, this.#sumII, this.#sumQQ, this.#sumIQ);
    if (this.#removeDc && this.#summed > 0) {
      const weight = 1 / Math.min(++this.#updates, 32);
      this.#dcI += weight * (this.#sumI / this.#summed - this.#dcI);
      this.#dcQ += weight * (this.#sumQ / this.#summed - this.#dcQ);
    }
    this.#sumI = 0;
    this.#sumQ = 0;
    this.#sumII = 0;
    this.#sumQQ = 0;
    this.#sumIQ = 0;
    this.#summed = 0;
  }

  /** Forgets phase and mean; the frequency stays. */
  reset(): void {
    this.broken = 0;
    this.#phase = 0;
    this.#inRun = 0;
    this.#sumI = 0;
    this.#sumQ = 0;
    this.#sumII = 0;
    this.#sumQQ = 0;
    this.#sumIQ = 0;
    this.#summed = 0;
    this.#balance.reset();
    this.#forgetDc();
  }

  #forgetDc(): void {
    this.#dcI = 0;
    this.#dcQ = 0;
    this.#updates = 0;
  }

  clone(): InputMixer {
    return new InputMixer(this.config);
  }
}
