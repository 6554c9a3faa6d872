import { InputError } from '../errors.js';
import { type RealFft, realFft } from './fft.js';
import { hann } from './windows.js';

export interface PowerSpectraOptions {
  /** Samples per frame; a size that {@link realFft} can do. */
  size: number;
  /** Samples from one frame to the next, 1 … size. */
  hop: number;
}

/** Called with the power of one frame, `[size / 2 + 1]`; the array is used again for the next frame. */
export type OnSpectrum = (power: Float64Array) => void;

/**
 * Streaming short-time power spectra, for plots and figures: Hann frames in order, whatever the chunks.
 *
 * Scaled so that a sine of full scale in the middle of a bin has power 1 (0 dBFS). Nothing is allocated after construction.
 */
export class PowerSpectra {
  readonly size: number;
  readonly bins: number;
  readonly #fft: RealFft;
  readonly #window: Float32Array;
  readonly #recent: Float32Array;
  readonly #frame: Float32Array;
  readonly #power: Float64Array;
  readonly #scale: number;
  #hop: number;
  #filled = 0;

  /** @throws InputError `E_FFT_SIZE`, `E_HOP`. */
  constructor({ size, hop }: PowerSpectraOptions) {
    this.#fft = realFft(size);
    this.size = size;
    this.bins = this.#fft.bins;
    this.#window = hann(size);
    this.#recent = new Float32Array(size);
    this.#frame = new Float32Array(size);
    this.#power = new Float64Array(this.bins);
    // The window sums to size / 2, and a real sine puts half of its amplitude into the bin: A·size / 4.
    this.#scale = (4 / size) ** 2;
    this.#hop = checkHop(hop, size);
  }

  /** Samples from one frame to the next; may be changed between two calls of {@link push}. */
  get hop(): number {
    return this.#hop;
  }

  set hop(hop: number) {
    this.#hop = checkHop(hop, this.size);
  }

  /** Takes the next samples and reports every frame that they complete. */
  push(samples: Float32Array, onSpectrum: OnSpectrum): void {
    let at = 0;
    while (at < samples.length) {
      const count = Math.min(this.size - this.#filled, samples.length - at);
      this.#recent.set(samples.subarray(at, at + count), this.#filled);
      this.#filled += count;
      at += count;
      if (this.#filled === this.size) this.#emit(onSpectrum);
    }
  }

  /** Reports the samples that are left over as one frame, padded with silence, if there are any; then starts anew. */
  flush(onSpectrum: OnSpectrum): void {
    if (this.#filled > 0) {
      this.#recent.fill(0, this.#filled);
      this.#emit(onSpectrum);
    }
    this.reset();
  }

  /** Forgets the samples that wait for a whole frame. */
  reset(): void {
    this.#filled = 0;
  }

  #emit(onSpectrum: OnSpectrum): void {
    for (let n = 0; n < this.size; n++) this.#frame[n] = this.#recent[n]! * this.#window[n]!;
    this.#fft.power(this.#frame, this.#power);
    for (let bin = 0; bin < this.bins; bin++) this.#power[bin]! *= this.#scale;
    this.#recent.copyWithin(0, this.#hop);
    this.#filled = this.size - this.#hop;
    onSpectrum(this.#power);
  }
}

function checkHop(hop: number, size: number): number {
  if (!Number.isInteger(hop) || hop < 1 || hop > size) {
    throw new InputError('E_HOP', `A hop of ${hop} samples does not fit frames of ${size}.`, {
      hint: 'Use a whole number from 1 to the size of the frame.',
    });
  }
  return hop;
}
