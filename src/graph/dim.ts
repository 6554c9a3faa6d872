import { GraphError } from '../errors.js';

/**
 * A size along one axis: a plain number, or a polynomial in named sizes that are known only when the graph runs
 * (`batch`, `frames`). Streaming graphs carry `[batch, 256·frames]` through reshapes and concatenations; training
 * graphs are all numbers.
 */
export type Dim = number | SymbolicDim;
export type Shape = readonly Dim[];

/** A polynomial with integer coefficients; each monomial is keyed by its sorted symbols joined with `*` ('' = constant). */
export class SymbolicDim {
  private constructor(readonly terms: ReadonlyMap<string, number>) {}

  static symbol(name: string): SymbolicDim {
    return new SymbolicDim(new Map([[name, 1]]));
  }

  /** Normal form: a polynomial without symbols is a number again. */
  static of(terms: Map<string, number>): Dim {
    for (const [key, coefficient] of terms) if (coefficient === 0) terms.delete(key);
    if (terms.size === 0) return 0;
    const constant = terms.get('');
    if (terms.size === 1 && constant !== undefined) return constant;
    return new SymbolicDim(terms);
  }

  toString(): string {
    return [...this.terms]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, c]) => (key === '' ? `${c}` : c === 1 ? key : `${c}*${key}`))
      .join('+');
  }
}

const termsOf = (dim: Dim): ReadonlyMap<string, number> =>
  typeof dim === 'number' ? new Map([['', dim]]) : dim.terms;

/** `a + b`, a number where no symbol is left. */
export function addDims(a: Dim, b: Dim): Dim {
  if (typeof a === 'number' && typeof b === 'number') return a + b;
  const sum = new Map(termsOf(a));
  for (const [key, c] of termsOf(b)) sum.set(key, (sum.get(key) ?? 0) + c);
  return SymbolicDim.of(sum);
}

/** `a · b`, a number where no symbol is left. */
export function multiplyDims(a: Dim, b: Dim): Dim {
  if (typeof a === 'number' && typeof b === 'number') return a * b;
  const product = new Map<string, number>();
  for (const [ka, ca] of termsOf(a)) {
    for (const [kb, cb] of termsOf(b)) {
      const key = [...ka.split('*'), ...kb.split('*')].filter(Boolean).sort().join('*');
      product.set(key, (product.get(key) ?? 0) + ca * cb);
    }
  }
  return SymbolicDim.of(product);
}

/** `a − b`, a number where no symbol is left. */
export const subtractDims = (a: Dim, b: Dim): Dim => addDims(a, multiplyDims(b, -1));

/** Whether two sizes are equal whatever their symbols stand for. */
export const sameDim = (a: Dim, b: Dim): boolean =>
  typeof a === 'number' || typeof b === 'number' ? a === b : subtractDims(a, b) === 0;

/** As {@link sameDim}, axis by axis. */
export const sameShape = (a: Shape, b: Shape): boolean =>
  a.length === b.length && a.every((dim, i) => sameDim(dim, b[i]));

/** Number of elements. */
export const sizeOf = (shape: Shape): Dim => shape.reduce<Dim>(multiplyDims, 1);

/** Exact quotient by a number. @throws GraphError `E_SHAPE` when `dim` is not a multiple of `divisor`. */
export function divideDim(dim: Dim, divisor: number): Dim {
  const quotient = new Map<string, number>();
  for (const [key, c] of termsOf(dim)) {
    if (c % divisor !== 0)
      throw new GraphError('E_SHAPE', `A size of ${dim} is not a multiple of ${divisor}.`);
    quotient.set(key, c / divisor);
  }
  return SymbolicDim.of(quotient);
}

/** The number that a size must be here. @throws GraphError `E_SHAPE` when it is symbolic. */
export function fixed(dim: Dim, what: string): number {
  if (typeof dim === 'number') return dim;
  throw new GraphError('E_SHAPE', `${what} must be a fixed size, and is ${dim}.`);
}

/** For messages: `[batch, 2*time]`. */
export const showShape = (shape: Shape): string => `[${shape.join(', ')}]`;
