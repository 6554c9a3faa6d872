/** One figure that a bench measured. */
export interface Measurement {
  /** What was measured, e.g. `1 h of 48 kHz stereo`. */
  what: string;
  value: number;
  /** Unit of `value`, e.g. `× real time`, `MiB`, `ms`. */
  unit: string;
  /** What the project promises, where it promises something. */
  promise?: { atLeast: number } | { atMost: number };
}

/** A set of figures measured together: run by `npm run bench NAME`. */
export interface Bench {
  name: string;
  /** One line that says what is measured. */
  about: string;
  /** @param args - words after the bench's name. */
  run(args: readonly string[]): Promise<Measurement[]>;
}

/** One line of the table: `what  value unit  (promise: kept or missed)`. */
export function formatMeasurement({ what, value, unit, promise }: Measurement): string {
  const figure = `${what.padEnd(52)} ${significant(value).padStart(9)} ${unit}`;
  if (promise === undefined) return figure;
  const [kept, bound] =
    'atLeast' in promise
      ? [value >= promise.atLeast, `≥ ${promise.atLeast}`]
      : [value <= promise.atMost, `≤ ${promise.atMost}`];
  return `${figure}  (${kept ? 'kept' : 'MISSED'}: ${bound})`;
}

function significant(value: number): string {
  return Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3);
}

/** The value below which a share `p` (0 to 1) of the values lies. Sorts a copy. */
export function percentile(values: readonly number[], p: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(p * sorted.length))];
}
