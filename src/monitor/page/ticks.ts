/** Round numbers from `min` to `max`, some `count` of them: steps of 1, 2 or 5 times a power of ten. */
export function ticks(min: number, max: number, count: number): number[] {
  const rough = (max - min) / Math.max(1, count);
  if (!(rough > 0) || !Number.isFinite(rough)) return [];
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10);
  const first = Math.ceil(min / step - 1e-9);
  const last = Math.floor(max / step + 1e-9);
  // Multiples, so that errors do not add up.
  return Array.from({ length: last - first + 1 }, (_, n) => Number(((first + n) * step).toPrecision(12)));
}

/** Powers of ten from `min` to `max`, both above 0; with less than two of them also their double and fivefold. */
export function logTicks(min: number, max: number): number[] {
  const found = (factors: readonly number[]): number[] => {
    const all: number[] = [];
    for (let power = Math.floor(Math.log10(min)); power <= Math.ceil(Math.log10(max)); power++)
      for (const factor of factors) all.push(factor * 10 ** power);
    return all.filter((value) => value >= min * 0.999 && value <= max * 1.001);
  };
  const decades = found([1]);
  return decades.length >= 2 ? decades : found([1, 2, 5]);
}

/** A number in a few characters. */
export function shortNumber(value: number): string {
  const size = Math.abs(value);
  if (size !== 0 && (size < 0.001 || size >= 100_000)) return value.toExponential(0).replace('e+', 'e');
  return String(Number(value.toPrecision(4))).replace('-', '−');
}
