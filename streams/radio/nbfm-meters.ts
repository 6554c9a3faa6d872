import { CodeSquelch, type SquelchCode } from './code-squelch.js';
import { CtcssDetector } from './ctcss.js';
import { DeviationMeter } from './deviation-meter.js';
import { KeyingMeter } from './keying-meter.js';
import type { Stage } from './stage.js';

export interface NbfmMetersConfig {
  /** Rate of the demodulated samples as a fraction, Hz. */
  inputRate: number;
  inputDivisor: number;
  /** The largest number of samples per `process`. */
  maxInput: number;
  /** Samples per frame. */
  frame: number;
  /** Deviation that ±1 stands for, Hz. */
  deviationHz: number;
  /** The code that a station must send; `null`: none. */
  code: SquelchCode | null;
}

/** What is told of an NBFM station beside its voice: its code, how far it swings, whether it is keyed. */
export class NbfmMeters implements Stage<NbfmMetersConfig> {
  readonly latency = 0;
  readonly #ctcss: CtcssDetector;
  readonly #code: CodeSquelch | undefined;
  readonly #deviation: DeviationMeter;
  readonly #keying: KeyingMeter;

  constructor(readonly config: Readonly<NbfmMetersConfig>) {
    const { code, inputRate, inputDivisor, frame, deviationHz } = config;
    const rate = inputRate / inputDivisor;
    this.#ctcss = new CtcssDetector(config);
    this.#code = code === null ? undefined : new CodeSquelch({ ...config, code });
    this.#deviation = new DeviationMeter({ rate, frame, deviationHz });
    this.#keying = new KeyingMeter({ rate, frame });
  }

  /** The tone under the voice, Hz; `undefined` while there is none. */
  get ctcssHz(): number | undefined {
    return this.#ctcss.toneHz;
  }

  /** The station sends the code that it must. */
  get isAdmitted(): boolean {
    return this.#code?.isHeard ?? true;
  }

  get deviationHz(): number | undefined {
    return this.#deviation.deviationHz;
  }

  get isKeyed(): boolean {
    return this.#keying.isKeyed;
  }

  /** Takes demodulated samples, ±1 at full deviation. */
  process(x: Float32Array, from: number, count: number): void {
    this.#ctcss.process(x, from, count);
    this.#code?.process(x, from, count);
    this.#deviation.process(x, from, count);
    this.#keying.process(x, from, count);
  }

  /** Ends a frame of this carrier-to-noise ratio, dB. */
  endFrame(snrDb: number): void {
    this.#deviation.endFrame(snrDb);
    this.#keying.endFrame(snrDb, this.ctcssHz !== undefined);
  }

  reset(): void {
    this.#ctcss.reset();
    this.#code?.reset();
    this.#deviation.reset();
    this.#keying.reset();
  }

  clone(): NbfmMeters {
    return new NbfmMeters(this.config);
  }
}
