import { CODE_RATE, type CodeDetector } from './code-detector.js';
import { DcsDetector } from './dcs.js';
import { RationalResampler } from './filters/rational-resampler.js';
import type { Stage } from './stage.js';
import { SubToneDetector } from './sub-tone.js';

/** What a station must send beside its voice to be heard. */
export type SquelchCode =
  /** CTCSS: a tone under the voice, Hz. */
  | { kind: 'ctcss'; hz: number }
  /** DCS: a number of three octal digits, sent over and over at 134.4 bit/s; `inverted` as D023I is to D023N. */
  | { kind: 'dcs'; code: number; inverted: boolean };

export interface CodeSquelchConfig {
  code: SquelchCode;
  /** Rate of the demodulated samples as a fraction, Hz. */
  inputRate: number;
  inputDivisor: number;
  /** The largest number of samples per `process`. */
  maxInput: number;
}

/** Hears whether an NBFM station sends the code that it must. */
export class CodeSquelch implements Stage<CodeSquelchConfig> {
  readonly latency = 0;
  readonly #resampler: RationalResampler;
  readonly #low: Float32Array;
  readonly #detector: CodeDetector;

  constructor(readonly config: Readonly<CodeSquelchConfig>) {
    const { code, inputRate, inputDivisor, maxInput } = config;
    this.#resampler = new RationalResampler({
      inputRate,
      inputDivisor,
      outputRate: CODE_RATE,
      passHz: 260,
      stopHz: 420,
      attenuationDb: 50,
      maxInput,
    });
    this.#low = new Float32Array(this.#resampler.maxOutput);
    this.#detector =
      code.kind === 'ctcss' ? new SubToneDetector(code.hz) : new DcsDetector(code.code, code.inverted);
  }

  get isHeard(): boolean {
    return this.#detector.isHeard;
  }

  /** Takes demodulated samples, ±1 at full deviation. */
  process(x: Float32Array, from: number, count: number): void {
    const { input, writeAt } = this.#resampler;
    for (let n = 0; n < count; n++) input[writeAt + n] = x[from + n];
    const got = this.#resampler.run(count, this.#low, 0);
    for (let n = 0; n < got; n++) this.#detector.push(this.#low[n]);
  }

  reset(): void {
    this.#resampler.reset();
    this.#detector.reset();
  }

  clone(): CodeSquelch {
    return new CodeSquelch(this.config);
  }
}
