/**
 * Periodic Hann window, for frames that overlap: `0.5 − 0.5·cos(2πn / length)`.
 * @param length Samples.
 */
export function hann(length: number): Float32Array {
  return Float32Array.from({ length }, (_, n) => 0.5 - 0.5 * Math.cos((2 * Math.PI * n) / length));
}

/**
 * Symmetric Hann window without its zero ends, as MATLAB's `hanning`: `0.5 − 0.5·cos(2π(n + 1) / (length + 1))`.
 * Speech metrics are defined with it.
 * @param length Samples.
 */
export function hanning(length: number): Float64Array {
  return Float64Array.from(
    { length },
    (_, n) => 0.5 - 0.5 * Math.cos((2 * Math.PI * (n + 1)) / (length + 1)),
  );
}
