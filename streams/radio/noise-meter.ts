import { DOT_STEP, DotProducts } from '../../src/audio/dot-products.js';
import { lowPassTaps } from './filters/kaiser.js';
import type { Stage } from './stage.js';

export interface NoiseMeterConfig {
  /** Samples per second of the demodulated signal, Hz. */
  rate: number;
  /** Band that holds noise only, above the audio and inside the channel, Hz. */
  lowHz: number;
  highHz: number;
  /** Width of the channel in which the ratio is stated, Hz. */
  channelHz: number;
  /** What ±1 of the demodulated signal means: a deviation in Hz for FM, the carrier for AM. */
  demodulation: { kind: 'fm'; deviationHz: number } | { kind: 'am' };
  /** Samples per frame. */
  frame: number;
}

/**
 * Carrier-to-noise ratio from the demodulated noise above the audio. Complex noise of density N0 beside a carrier of
 * power C leaves, demodulated, a two-sided density of N0/2C (AM, relative to the carrier) or f²·N0/2C in Hz² (FM), so
 * the power P behind a band-pass H gives N0/C = P / ∫|H|²·w df, w = 1 or f² (Rice, Bell Syst. Tech. J. 1948).
 */
export class NoiseMeter implements Stage<NoiseMeterConfig> {
  readonly latency: number;
  /** The filter, filled up with zeros, then the samples. */
  readonly #numbers: DotProducts;
  readonly #length: number;
  readonly #buffer: Float32Array;
  /** Samples that the filter looks back. */
  readonly #before: number;
  readonly #scale: number;
  /** One output in so many is computed: three times the band's width is enough for its power. */
  readonly #stride: number;
  #filled = 0;
  /** Samples that its filter must still see before it can tell noise from its own start. */
  #settling: number;

  constructor(readonly config: Readonly<NoiseMeterConfig>) {
    const { rate, lowHz, highHz, channelHz, demodulation, frame } = config;
    const middle = (lowHz + highHz) / 2;
    const half = (highHz - lowHz) / 2;
    const base = lowPassTaps({ rate, passHz: half / 2, stopHz: half * 1.5, attenuationDb: 50 });
    this.#stride = Math.max(1, Math.floor(rate / (3 * (highHz - lowHz))));
    const centre = (base.length - 1) / 2;
    this.latency = centre;
    const taps = base.map((tap, n) => 2 * tap * Math.cos((2 * Math.PI * middle * (n - centre)) / rate));
    this.#before = base.length - 1;
    this.#length = DOT_STEP * Math.ceil(base.length / DOT_STEP);
    const end = this.#length + this.#before + frame;
    this.#numbers = new DotProducts(end + DOT_STEP);
    this.#numbers.memory.set(taps);
    this.#buffer = this.#numbers.memory.subarray(this.#length, end);
    this.#settling = this.#before;
    const points = 1024;
    let integral = 0;
    for (let p = 0; p < points; p++) {
      const f = ((p + 0.5) * rate) / 2 / points;
      let response = taps[centre];
      for (let d = 1; d <= centre; d++) {
        response += 2 * taps[centre + d] * Math.cos((2 * Math.PI * f * d) / rate);
      }
      // The angle between neighbouring samples is the frequency averaged over the sample, hence the sine.
      const averaged = (rate / Math.PI) * Math.sin((Math.PI * f) / rate);
      const weight = demodulation.kind === 'fm' ? (averaged / demodulation.deviationHz) ** 2 : 1;
      integral += ((response * response * weight * rate) / 2) * (1 / points);
    }
    this.#scale = integral / channelHz;
  }

  /** Takes demodulated samples; a frame may come in parts but never more than one frame between `take`s. */
  push(x: Float32Array, from: number, count: number): void {
    const at = this.#before + this.#filled;
    for (let n = 0; n < count; n++) this.#buffer[at + n] = x[from + n];
    this.#filled += count;
  }

  /** Ratio of carrier to noise of the frame, linear; over the whole channel. 0 while nothing can be told yet. */
  take(): number {
    let power = 0;
    let outputs = 0;
    const first = Math.min(this.#settling, this.#filled);
    this.#settling -= first;
    for (let n = first; n < this.#filled; n += this.#stride) {
      const sum = this.#numbers.dot(this.#length + n, 0, this.#length);
      power += sum * sum;
      outputs++;
    }
    this.#buffer.copyWithin(0, this.#filled, this.#filled + this.#before);
    this.#filled = 0;
    return outputs === 0 ? 0 : (this.#scale * outputs) / Math.max(power, 1e-30);
  }

  reset(): void {
    this.#buffer.fill(0);
    this.#filled = 0;
    this.#settling = this.#before;
  }

  clone(): NoiseMeter {
    return new NoiseMeter(this.config);
  }
}
