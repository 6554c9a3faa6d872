/** A mark on an axis: where it stands, in the unit of the axis, and what is written at it. */
export interface Tick {
  value: number;
  label: string;
}

/**
 * Round marks that cover a range: steps of 1, 2 or 5 times a power of ten.
 * @param count About how many are wanted.
 * @returns every multiple of the step inside `min` … `max`, both included.
 */
export function linearTicks(min: number, max: number, count: number): Tick[] {
  if (!(max > min)) return [{ value: min, label: format(min, 0) }];
  const rough = (max - min) / Math.max(1, count);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * (rough / power <= 1.2 ? 1 : rough / power <= 3 ? 2 : rough / power <= 7 ? 5 : 10);
  const decimals = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  const first = Math.ceil(min / step - 1e-9);
  const last = Math.floor(max / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, i) => {
    const value = (first + i) * step;
    return { value, label: format(value, decimals) };
  });
}

/**
 * Marks of a logarithmic axis: every power of ten; with few of them also 2 and 5 times; over many, every second or third.
 * @param min Above 0.
 */
export function logTicks(min: number, max: number, count: number): Tick[] {
  const decades = Math.log10(max / min);
  const stride = Math.max(1, Math.ceil(decades / count));
  const factors = decades < 1 ? [1, 2, 3, 4, 5, 6, 7, 8, 9] : decades * 3 <= count + 2 ? [1, 2, 5] : [1];
  const ticks: Tick[] = [];
  for (let exponent = Math.floor(Math.log10(min)); exponent <= Math.ceil(Math.log10(max)); exponent++) {
    if (exponent % stride !== 0) continue;
    for (const factor of factors) {
      const value = factor * 10 ** exponent;
      if (value >= min * (1 - 1e-9) && value <= max * (1 + 1e-9))
        ticks.push({ value, label: shortNumber(value) });
    }
  }
  return ticks.length >= 2 ? ticks : linearTicks(min, max, count);
}

/** A number as it is written on an axis or in a legend: at most four figures, k and M for large ones, a true minus. */
export function shortNumber(value: number): string {
  const size = Math.abs(value);
  if (size >= 1e6) return `${shortNumber(value / 1e6)}M`;
  if (size >= 1e4) return `${shortNumber(value / 1e3)}k`;
  if (size !== 0 && size < 1e-3) {
    const exponent = Math.floor(Math.log10(size) + 1e-9);
    const factor = Number((value / 10 ** exponent).toPrecision(3));
    const power = `10${superscript(exponent)}`;
    return factor === 1 ? power : `${format(factor)}·${power}`;
  }
  return format(Number(value.toPrecision(4)));
}

function format(value: number, decimals?: number): string {
  const text = decimals === undefined ? String(value) : value.toFixed(decimals);
  return text.replace(/^-(?=0(\.0*)?$)/, '').replace('-', '−');
}

function superscript(exponent: number): string {
  return String(exponent).replace(/./g, (digit) => (digit === '-' ? '⁻' : '⁰¹²³⁴⁵⁶⁷⁸⁹'[Number(digit)]!));
}
