import { isFftSize, type RealFft, realFft } from '../../audio/fft.js';

/** A signal in time or, in the same memory, its spectrum `[fft.size + 2]`: re, im from 0 Hz to half the rate, unscaled. */
export class SignalBuffer {
  readonly spectrum: Float32Array;
  readonly time: Float32Array;
  readonly #memory: Float32Array;

  /** @param fft of the spectra. @param longest longest signal taken in, in samples */
  constructor(
    private readonly fft: RealFft,
    longest: number = fft.size,
  ) {
    this.#memory = new Float32Array(Math.max(longest, fft.size) + 2);
    this.spectrum = this.#memory.subarray(0, fft.size + 2);
    this.time = this.#memory.subarray(0, fft.size);
  }

  /** The memory as a signal of another length, filled with zeros. */
  blank(size: number = this.fft.size): Float32Array {
    const signal = this.#memory.subarray(0, size);
    signal.fill(0);
    return signal;
  }

  /**
   * Transforms the first `size` samples. A size other than the FFT's plays them faster (larger) or slower (smaller) by
   * `size / fft.size`: the same bins then stand for the same number of periods in another number of samples, which is
   * exact band-limited interpolation for nothing.
   */
  toSpectrum(size: number = this.fft.size): void {
    const memory = this.#memory;
    realFft(size).forward(memory.subarray(0, size), memory);
    if (size === this.fft.size) return;
    const kept = Math.min(size, this.fft.size);
    const scale = this.fft.size / size;
    for (let i = 0; i < kept; i++) memory[i] *= scale;
    // The bin at half the lower rate has no partner on the other side of a change of rate.
    memory.fill(0, kept, this.fft.size + 2);
  }

  toTime(): void {
    this.fft.inverse(this.spectrum, this.time);
  }
}

/** The smallest size ≥ `minimum` that the FFT takes. */
export function fftSizeFor(minimum: number): number {
  let size = Math.max(32, Math.ceil(minimum / 32) * 32);
  while (!isFftSize(size)) size += 32;
  return size;
}

/** All sizes of the FFT from `low` to `high`. */
export function fftSizesBetween(low: number, high: number): number[] {
  const sizes: number[] = [];
  for (let size = fftSizeFor(low); size <= high; size = fftSizeFor(size + 1)) sizes.push(size);
  return sizes;
}
