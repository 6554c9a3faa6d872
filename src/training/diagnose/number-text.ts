/** A number for a reader: four significant digits, no exponent between 0.001 and 10⁶. */
export function numberText(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (size >= 1e6 || size < 1e-4) return Number(value.toPrecision(4)).toExponential();
  return String(Number(value.toPrecision(4)));
}

/** A ratio as per cent, e.g. `+42.5 %`. */
export function percentText(ratio: number): string {
  const percent = ratio * 100;
  const text = Math.abs(percent) >= 1e6 ? percent.toExponential(1) : percent.toFixed(1);
  return `${ratio > 0 ? '+' : ''}${text} %`;
}

/** A learning rate as `--set` takes it: `0.0001`, `3e-5` → `0.00003`. */
export function rateText(rate: number): string {
  return rate >= 1e-6 ? rate.toFixed(12).replace(/0+$/, '').replace(/\.$/, '') : String(rate);
}
