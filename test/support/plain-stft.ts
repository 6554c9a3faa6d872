import { at, fromIndex, type NdArray } from './nd-array.js';

/** Square root of the periodic Hann window. */
const window = (size: number) => (n: number) => Math.sqrt(0.5 - 0.5 * Math.cos((2 * Math.PI * n) / size));

/** The definition: Σ w[n]·x[frame·hop + n]·e^(−2πi·n·k/size), as real and imaginary parts. */
export function plainStft(x: NdArray, size: number, hop: number, bins = size / 2 + 1): NdArray[] {
  const [batch, time] = x.dims;
  const frames = (time - size) / hop + 1;
  const part = (wave: (phase: number) => number): NdArray =>
    fromIndex([batch, frames, bins], (i, frame, k) => {
      let total = 0;
      for (let n = 0; n < size; n++)
        total += window(size)(n) * at(x, i, frame * hop + n) * wave((2 * Math.PI * n * k) / size);
      return total;
    });
  return [part(Math.cos), part((phase) => -Math.sin(phase))];
}
