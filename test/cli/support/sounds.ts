/** Seconds of swelling tone in white noise, different for every `seed`; peaks below 0.5; not rounded to single precision. */
export function noisyTone(seconds: number, sampleRate = 16_000, seed = 1): Float64Array {
  let state = seed;
  return Float64Array.from({ length: Math.round(seconds * sampleRate) }, (_, n) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    const swell = Math.max(0, Math.sin((2 * Math.PI * n * 1.5) / sampleRate));
    return 0.3 * swell * Math.sin((2 * Math.PI * 300 * n) / sampleRate + seed) + 0.05 * (state / 2 ** 31 - 1);
  });
}
