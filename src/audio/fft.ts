import createPffft from '@echogarden/pffft-wasm/simd';
import { InputError } from '../errors.js';

/** The part of the Emscripten module of PFFFT that is used here; pointers are byte offsets in its memory. */
interface Pffft {
  readonly HEAPF32: Float32Array;
  _pffft_new_setup(size: number, kind: number): number;
  _pffft_aligned_malloc(bytes: number): number;
  _pffft_transform_ordered(
    setup: number,
    input: number,
    output: number,
    work: number,
    direction: number,
  ): void;
}

const REAL = 0;
const FORWARD = 0;
const BACKWARD = 1;

// One WebAssembly instance per thread (24 kB); loading it takes a few milliseconds once, so the API can be synchronous.
const pffft: Pffft = await createPffft();
const plans = new Map<number, RealFft>();

/**
 * Discrete Fourier transform of real signals in single precision (PFFFT, WebAssembly SIMD).
 *
 * Plans are made once per size and kept: {@link realFft} returns the same plan for the same size. No call allocates.
 */
export class RealFft {
  /** Number of distinct bins, `size / 2 + 1`: from 0 Hz to half the sample rate. */
  readonly bins: number;
  readonly #setup: number;
  readonly #data: number;
  readonly #work: number;
  #heap: Float32Array = pffft.HEAPF32;

  /** @internal Use {@link realFft}. */
  constructor(readonly size: number) {
    this.bins = size / 2 + 1;
    this.#setup = pffft._pffft_new_setup(size, REAL);
    this.#data = pffft._pffft_aligned_malloc(size * 4) / 4;
    this.#work = pffft._pffft_aligned_malloc(size * 4) / 4;
  }

  /**
   * Spectrum of a frame, not scaled.
   * @param input `[size]` samples.
   * @param spectrum `[size + 2]`, filled with re, im, re, im, … for bins 0 … size / 2.
   */
  forward(input: Float32Array, spectrum: Float32Array): void {
    const { size } = this;
    const heap = this.#transform(input, FORWARD);
    const at = this.#data;
    // PFFFT packs the two real bins, 0 Hz and half the rate, into the first complex value.
    for (let i = 2; i < size; i++) spectrum[i] = heap[at + i]!;
    spectrum[0] = heap[at]!;
    spectrum[1] = 0;
    spectrum[size] = heap[at + 1]!;
    spectrum[size + 1] = 0;
  }

  /**
   * Power |X|² of each bin of a frame, not scaled.
   * @param input `[size]` samples.
   * @param power `[bins]`, filled.
   */
  power(input: Float32Array, power: Float32Array | Float64Array): void {
    const heap = this.#transform(input, FORWARD);
    const at = this.#data;
    const half = this.size / 2;
    power[0] = heap[at]! ** 2;
    power[half] = heap[at + 1]! ** 2;
    for (let bin = 1; bin < half; bin++) {
      power[bin] = heap[at + 2 * bin]! ** 2 + heap[at + 2 * bin + 1]! ** 2;
    }
  }

  /**
   * Inverse of {@link forward}, scaled so that `inverse(forward(x)) = x`.
   * @param spectrum `[size + 2]`; the imaginary parts of the first and last bin are ignored.
   * @param output `[size]`, filled.
   */
  inverse(spectrum: Float32Array, output: Float32Array): void {
    const { size } = this;
    const heap = this.#memory();
    const at = this.#data;
    for (let i = 2; i < size; i++) heap[at + i] = spectrum[i]!;
    heap[at] = spectrum[0]!;
    heap[at + 1] = spectrum[size]!;
    pffft._pffft_transform_ordered(this.#setup, at * 4, at * 4, this.#work * 4, BACKWARD);
    for (let i = 0; i < size; i++) output[i] = heap[at + i]! / size;
  }

  #transform(input: Float32Array, direction: number): Float32Array {
    if (input.length !== this.size) {
      throw new InputError('E_FFT_LENGTH', `The FFT of size ${this.size} got ${input.length} samples.`, {
        hint: 'Pad or cut the frame to the size of the plan.',
      });
    }
    const heap = this.#memory();
    heap.set(input, this.#data);
    const at = this.#data * 4;
    pffft._pffft_transform_ordered(this.#setup, at, at, this.#work * 4, direction);
    return heap;
  }

  /** The memory of the WebAssembly instance; it moves when another plan makes it grow. */
  #memory(): Float32Array {
    if (this.#heap.length === 0) this.#heap = pffft.HEAPF32;
    return this.#heap;
  }
}

/** Whether PFFFT can do this size: 2^a·3^b·5^c with a ≥ 5. */
export function isFftSize(size: number): boolean {
  if (!Number.isInteger(size) || size < 32 || size % 32 !== 0) return false;
  let rest = size;
  for (const factor of [2, 3, 5]) while (rest % factor === 0) rest /= factor;
  return rest === 1;
}

/**
 * The plan for real transforms of this size, made on the first call.
 * @param size Samples per frame: 2^a·3^b·5^c with a ≥ 5 (32, 64, 96, 128, 160, …).
 * @throws InputError `E_FFT_SIZE` for any other size.
 */
export function realFft(size: number): RealFft {
  const known = plans.get(size);
  if (known !== undefined) return known;
  if (!isFftSize(size)) {
    throw new InputError('E_FFT_SIZE', `An FFT of size ${size} cannot be done.`, {
      hint: 'Use a multiple of 32 with no other factors than 2, 3 and 5.',
    });
  }
  const plan = new RealFft(size);
  plans.set(size, plan);
  return plan;
}
