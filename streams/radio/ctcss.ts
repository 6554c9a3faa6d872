import { RationalResampler } from './filters/rational-resampler.js';
import type { Stage } from './stage.js';

/** The sub-audible tones in use: EIA/TIA-603 and the common additions, Hz. */
const CTCSS_TONES = [
  67.0, 69.3, 71.9, 74.4, 77.0, 79.7, 82.5, 85.4, 88.5, 91.5, 94.8, 97.4, 100.0, 103.5, 107.2, 110.9, 114.8,
  118.8, 123.0, 127.3, 131.8, 136.5, 141.3, 146.2, 151.4, 156.7, 159.8, 162.2, 165.5, 167.9, 171.3, 173.8,
  177.3, 179.9, 183.5, 186.2, 189.9, 192.8, 196.6, 199.5, 203.5, 206.5, 210.7, 218.1, 225.7, 229.1, 233.6,
  241.8, 250.3, 254.1,
] as const;

export interface CtcssConfig {
  /** Rate of the demodulated samples as a fraction, Hz. */
  inputRate: number;
  inputDivisor: number;
  /** The largest number of samples per `process`. */
  maxInput: number;
}

const RATE = 1000;
/** Half a second tells tones 2.3 Hz apart. */
const WINDOW = 500;
/** A tone holds at least this share of the power under 300 Hz; a voice's pitch moves and spreads. */
const LEAST_SHARE = 0.35;
/** Tones are sent at 10–20 % of full deviation; less than 2 % is none. */
const LEAST_AMPLITUDE = 0.02;

/** Finds the sub-audible tone under NBFM speech: Goertzel filters over half-second windows, two of which must agree. */
export class CtcssDetector implements Stage<CtcssConfig> {
  readonly latency = 0;
  readonly #resampler: RationalResampler;
  readonly #low: Float32Array;
  readonly #coefficients = Float64Array.from(CTCSS_TONES, (hz) => 2 * Math.cos((2 * Math.PI * hz) / RATE));
  readonly #s1 = new Float64Array(CTCSS_TONES.length);
  readonly #s2 = new Float64Array(CTCSS_TONES.length);
  #power = 0;
  #count = 0;
  #candidate = -1;
  #tone = -1;

  constructor(readonly config: Readonly<CtcssConfig>) {
    const { inputRate, inputDivisor, maxInput } = config;
    this.#resampler = new RationalResampler({
      inputRate,
      inputDivisor,
      outputRate: RATE,
      passHz: 260,
      stopHz: 420,
      attenuationDb: 50,
      maxInput,
    });
    this.#low = new Float32Array(this.#resampler.maxOutput);
  }

  /** The tone heard, Hz; `undefined` while there is none. */
  get toneHz(): number | undefined {
    return this.#tone < 0 ? undefined : CTCSS_TONES[this.#tone];
  }

  /** Takes demodulated samples, ±1 at full deviation. */
  process(x: Float32Array, from: number, count: number): void {
    const { input, writeAt } = this.#resampler;
    for (let n = 0; n < count; n++) input[writeAt + n] = x[from + n];
    const got = this.#resampler.run(count, this.#low, 0);
    for (let n = 0; n < got; n++) {
      const sample = this.#low[n];
      this.#power += sample * sample;
      for (let t = 0; t < this.#coefficients.length; t++) {
        const s0 = sample + this.#coefficients[t] * this.#s1[t] - this.#s2[t];
        this.#s2[t] = this.#s1[t];
        this.#s1[t] = s0;
      }
      if (++this.#count === WINDOW) this.#decide();
    }
  }

  #decide(): void {
    let best = -1;
    let most = 0;
    for (let t = 0; t < this.#coefficients.length; t++) {
      const a = this.#s1[t];
      const b = this.#s2[t];
      const squared = a * a + b * b - this.#coefficients[t] * a * b;
      if (squared > most) {
        most = squared;
        best = t;
      }
    }
    const amplitude = (2 * Math.sqrt(most)) / WINDOW;
    const share = (amplitude * amplitude) / 2 / Math.max(this.#power / WINDOW, 1e-30);
    const found = amplitude >= LEAST_AMPLITUDE && share >= LEAST_SHARE ? best : -1;
    if (found === this.#candidate) this.#tone = found;
    this.#candidate = found;
    this.#clearWindow();
  }

  #clearWindow(): void {
    this.#s1.fill(0);
    this.#s2.fill(0);
    this.#power = 0;
    this.#count = 0;
  }

  reset(): void {
    this.#resampler.reset();
    this.#clearWindow();
    this.#candidate = -1;
    this.#tone = -1;
  }

  clone(): CtcssDetector {
    return new CtcssDetector(this.config);
  }
}
