import { UsageError } from '../errors.js';
import type { Random } from '../random.js';

/** A value of a hyperparameter. */
export type ParameterValue = number | string | boolean;

/** One configuration: values by name. */
export type Params = Readonly<Record<string, ParameterValue>>;

/** Numbers from `low` to `high`, both included. */
export interface NumberRange {
  kind: 'float' | 'int';
  low: number;
  high: number;
  /** Drawn evenly on a logarithmic axis; then `low` > 0. */
  log?: boolean;
  /** Only `low`, `low + step`, … Not together with `log`. Default for `int`: 1. */
  step?: number;
}

/** One of a list. */
export interface Categories {
  kind: 'categorical';
  choices: readonly ParameterValue[];
  /** The list has an order, so that neighbours are alike: batch sizes, learning rates of a grid. */
  ordered?: boolean;
}

/** What a hyperparameter may be. */
export type Distribution = NumberRange | Categories;

/** @throws UsageError `E_SPACE` when no value fits, or the bounds make no sense */
export function checkDistribution(name: string, d: Distribution): void {
  const refuse = (why: string) =>
    new UsageError('E_SPACE', `The hyperparameter "${name}" ${why}.`, {
      hint: 'Give a list of choices, or a range with low ≤ high.',
    });
  if (d.kind === 'categorical') {
    if (d.choices.length === 0) throw refuse('has no values');
    if (new Set(d.choices).size < d.choices.length) throw refuse('names a value twice');
    return;
  }
  const { low, high, log = false, step } = d;
  if (!Number.isFinite(low) || !Number.isFinite(high)) throw refuse('has a bound that is no number');
  if (low > high) throw refuse(`has no values: ${low} is above ${high}`);
  if (log && low <= 0) throw refuse(`is logarithmic and starts at ${low}, which is not above 0`);
  if (log && step !== undefined) throw refuse('is logarithmic and has a step');
  if (step !== undefined && !(step > 0)) throw refuse(`has a step of ${step}`);
  if (d.kind === 'int' && ![low, high, step ?? 1].every(Number.isInteger))
    throw refuse('is an integer and has a bound or a step that is none');
}

const MOST_VALUES = 1e6;

/** How many values there are; Infinity for an interval. */
export function countValues(d: Distribution): number {
  if (d.kind === 'categorical') return d.choices.length;
  const step = stepOf(d);
  if (d.low === d.high) return 1;
  // The half of a millionth keeps 0.1, 0.2, 0.3 three values although 0.3 - 0.1 is a little less than 2 × 0.1.
  return step === undefined ? Number.POSITIVE_INFINITY : Math.floor((d.high - d.low) / step + 5e-7) + 1;
}

/** Value number `index` of a distribution with a finite number of them. */
export function valueAt(d: Distribution, index: number): ParameterValue {
  if (d.kind === 'categorical') return d.choices[index];
  if (index === 0) return d.low;
  const value = d.low + index * (stepOf(d) ?? 0);
  // 0.1 + 2 × 0.1 is to read 0.3.
  return d.kind === 'int' ? value : Number(value.toPrecision(12));
}

/** Number of a value of a finite distribution; -1 when it is none of them. */
export function indexOf(d: Distribution, value: ParameterValue): number {
  if (d.kind === 'categorical') return d.choices.indexOf(value);
  const step = stepOf(d);
  if (typeof value !== 'number' || !isBetween(d, value)) return -1;
  if (d.low === d.high || step === undefined) return d.low === d.high ? 0 : -1;
  const index = Math.round((value - d.low) / step);
  return Math.abs(d.low + index * step - value) < 1e-6 * step ? index : -1;
}

/** Whether the distribution has this value. */
export function contains(d: Distribution, value: ParameterValue): boolean {
  return Number.isFinite(countValues(d))
    ? indexOf(d, value) >= 0
    : typeof value === 'number' && isBetween(d as NumberRange, value);
}

function isBetween({ low, high }: NumberRange, value: number): boolean {
  return value >= low && value <= high;
}

function stepOf({ kind, step }: NumberRange): number | undefined {
  return step ?? (kind === 'int' ? 1 : undefined);
}

/** Where a number lies in its range, 0 … 1 (on the logarithmic axis, where it has one). */
export function toUnit({ low, high, log = false }: NumberRange, value: number): number {
  if (low === high) return 0.5;
  return log ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low);
}

/** The number at 0 … 1 of a range, on its grid where it has one. */
export function fromUnit(range: NumberRange, unit: number): number {
  const { low, high, log = false } = range;
  const value = log ? low * (high / low) ** unit : low + (high - low) * unit;
  const step = stepOf(range);
  if (step === undefined) return Math.min(high, Math.max(low, value));
  const index = Math.min(countValues(range) - 1, Math.max(0, Math.round((value - low) / step)));
  return valueAt(range, index) as number;
}

/** A value drawn without preference. */
export function draw(d: Distribution, random: Random): ParameterValue {
  const count = countValues(d);
  if (count <= MOST_VALUES && !(d.kind === 'int' && d.log)) return valueAt(d, random.integer(count));
  return fromUnit(d as NumberRange, random.next());
}
