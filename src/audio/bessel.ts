/**
 * Modified Bessel function of the first kind and order 0, to the last digits, by its power series (Abramowitz & Stegun
 * 9.6.12): the Kaiser window is made of it.
 */
export function besselI0(x: number): number {
  const quarter = (x * x) / 4;
  let term = 1;
  let sum = 1;
  for (let k = 1; term > sum * 1e-17; k++) {
    term *= quarter / (k * k);
    sum += term;
  }
  return sum;
}
