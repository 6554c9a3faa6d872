import { realFft } from '../../src/audio/fft.js';
import { hann } from '../../src/audio/windows.js';

/** A line of a waterfall. */
export interface SpectrumFrame {
  /** When its last sample was taken, seconds since the source started. */
  seconds: number;
  /** Frequency of the first bin and distance of two, Hz: of the radio for IQ, of the audio for audio. */
  firstHz: number;
  stepHz: number;
  /** Power per bin, dBFS: `[size]` for IQ, from below the centre to above it; `[size / 2 + 1]` for audio, from 0 Hz up. */
  powerDb: Float32Array;
}

interface SampleBlock {
  count: number;
  /** Hz. */
  sampleRate: number;
  /** When its last sample was taken, seconds since the source started. */
  endSeconds: number;
  /** Radio frequency at 0 Hz of the samples, Hz; default 0. */
  middleHz?: number;
}

/** Gives sample `index` of the block: audio and I are part 0, Q is part 1. Full scale is ±1. */
type Read = (index: number, part: 0 | 1) => number;

/** The least power that is told, −150 dB. */
const LEAST = 1e-15;

/**
 * Power spectra of a stream at a rate of frames of its own: it looks at the samples of a frame only, and leaves out those
 * between.
 */
export class SpectrumTaker {
  readonly #window: Float32Array;
  readonly #parts: [Float32Array, Float32Array];
  /** Samples of the frame that are there, and those to leave out before the next frame. */
  #filled = 0;
  #leaveOut = 0;

  /**
   * @param size Samples per frame. @param perSecond Frames per second. @param isComplex IQ, not audio.
   * @throws InputError `E_FFT_SIZE`
   */
  constructor(
    readonly size: number,
    private readonly perSecond: number,
    private readonly isComplex: boolean,
  ) {
    realFft(size);
    this.#window = hann(size);
    this.#parts = [new Float32Array(size), new Float32Array(size)];
  }

  /** Takes a block of samples; gives each frame that it completes. */
  push(
    { count, sampleRate, endSeconds, middleHz = 0 }: SampleBlock,
    read: Read,
    onFrame: (frame: SpectrumFrame) => void,
  ): void {
    const { size } = this;
    for (let at = 0; at < count; ) {
      const skipped = Math.min(count - at, this.#leaveOut);
      this.#leaveOut -= skipped;
      at += skipped;
      const taken = Math.min(count - at, size - this.#filled);
      for (let n = 0; n < taken; n++) {
        this.#parts[0][this.#filled + n] = read(at + n, 0);
        if (this.isComplex) this.#parts[1][this.#filled + n] = read(at + n, 1);
      }
      this.#filled += taken;
      at += taken;
      if (this.#filled < size) return;
      this.#filled = 0;
      this.#leaveOut = Math.max(0, Math.round(sampleRate / this.perSecond) - size);
      const firstHz = this.isComplex ? middleHz - sampleRate / 2 : 0;
      const seconds = endSeconds - (count - at) / sampleRate;
      onFrame({ seconds, firstHz, stepHz: sampleRate / size, powerDb: this.#power() });
    }
  }

  /** A sine of full scale has 0 dB. */
  #power(): Float32Array {
    const { size } = this;
    const fft = realFft(size);
    const spectra = this.#parts.map((part) => {
      const windowed = part.map((x, n) => x * this.#window[n]);
      const spectrum = new Float32Array(size + 2);
      if (this.isComplex || part === this.#parts[0]) fft.forward(windowed, spectrum);
      return spectrum;
    });
    const [i, q] = spectra;
    const half = size / 2;
    const decibel = (power: number, scale: number) => 10 * Math.log10(power * scale + LEAST);
    if (!this.isComplex) {
      const scale = (4 / size) ** 2;
      return Float32Array.from({ length: half + 1 }, (_, k) =>
        decibel(i[2 * k] ** 2 + i[2 * k + 1] ** 2, scale),
      );
    }
    const scale = (2 / size) ** 2;
    // I and Q are real: their spectra at −f are the conjugates of those at f, and X = I + jQ.
    return Float32Array.from({ length: size }, (_, n) => {
      const k = Math.abs(n - half);
      const sign = n < half ? -1 : 1;
      const re = i[2 * k] - sign * q[2 * k + 1];
      const im = sign * i[2 * k + 1] + q[2 * k];
      return decibel(re * re + im * im, scale);
    });
  }
}
