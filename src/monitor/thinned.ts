/** Every k-th of `values`, so that at most `most` are left, and always the last one. */
export function thinned<T>(values: readonly T[], most: number): T[] {
  const step = Math.ceil(values.length / most);
  return step <= 1 ? [...values] : values.filter((_, n) => (values.length - 1 - n) % step === 0);
}

/** A number as JSON can carry it: `null` for what is not finite or not there. */
export const finite = (value: number | undefined): number | null =>
  value !== undefined && Number.isFinite(value) ? value : null;
