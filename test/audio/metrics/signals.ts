/** The signals of scripts/golden/metrics.py, made by the same formulas. */

/** Uniform noise in −1 … 1 by the linear congruential generator of Numerical Recipes. */
export function uniform(count: number, seed: number): Float64Array {
  let state = seed >>> 0;
  return Float64Array.from({ length: count }, () => {
    state = (Math.imul(1664525, state) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  });
}

/** Harmonics of a gliding pitch under syllables of 4 Hz with pauses, over a faint breath of noise. */
export function speechLike(count: number, sampleRate: number, seed: number): Float32Array {
  const breath = uniform(count, seed);
  return Float32Array.from({ length: count }, (_, n) => {
    const t = n / sampleRate;
    const pitch = 2 * Math.PI * (120 * t + 8 * Math.sin(2 * Math.PI * 0.7 * t));
    let voice = 0;
    for (let k = 1; k < 25; k++) {
      voice += (Math.sin(k * pitch) * (1 + Math.sin(2 * Math.PI * 0.31 * k * t))) / k;
    }
    const speaking = Math.sin(2 * Math.PI * 0.45 * t) > -0.6 ? 1 : 0;
    const syllables = Math.max(0, Math.sin(2 * Math.PI * 4 * t)) ** 2 * speaking;
    return 0.1 * syllables * voice + 0.0005 * breath[n]!;
  });
}

/** One of the ways in which a recording goes wrong. */
export function processedAs(kind: string, clean: Float32Array, seed: number): Float32Array {
  const noise = uniform(clean.length, seed + 1);
  const change: Record<string, (sample: number, n: number) => number> = {
    copy: (sample) => sample,
    noise: (sample, n) => sample + 0.05 * noise[n]!,
    'loud noise': (sample, n) => sample + 0.3 * noise[n]!,
    'soft and offset': (sample, n) => 0.3 * sample + 0.01 * noise[n]! + 0.02,
    clipped: (sample) => Math.min(0.08, Math.max(-0.08, sample)),
    late: (_, n) => (n < 7 ? 0 : clean[n - 7]!),
    unrelated: (_, n) => noise[n]!,
  };
  return clean.map(change[kind]!);
}
