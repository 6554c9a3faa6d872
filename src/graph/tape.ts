import type { Shape } from './dim.js';

/** What the tape needs to know of a tensor. */
interface Named {
  readonly name: string;
  readonly shape: Shape;
}

/** What the tape needs of the graph that it emits sums into. */
interface Emitter<T> {
  readonly maxFanOut: number;
  emit1(op: string, inputs: readonly T[], shape: Shape): T;
}

/**
 * The vector-Jacobian product of one recorded operation: from the gradients of its outputs (`null`: nothing depends on
 * that output) to those of its inputs. `needed[i]` says whether the gradient of input `i` will be used; `null` may be
 * given back for the others.
 */
export type Vjp<T> = (gradients: (T | null)[], needed: boolean[]) => (T | null)[];

interface TapeEntry<T> {
  inputs: readonly (T | null)[];
  outputs: readonly T[];
  vjp: Vjp<T>;
}

/** The operations of one graph in their order, and how to differentiate them. */
export class Tape<T extends Named> {
  private readonly entries: TapeEntry<T>[] = [];

  record(entry: TapeEntry<T>): void {
    this.entries.push(entry);
  }

  /** As `Graph.pullBack`; emits into `graph`. */
  pullBack(
    graph: Emitter<T>,
    outputs: readonly T[],
    cotangents: readonly T[],
    withRespectTo: readonly T[],
  ): (T | null)[] {
    const wanted = new Set(withRespectTo.map((t) => t.name));
    for (const entry of this.entries)
      if (entry.inputs.some((t) => t !== null && wanted.has(t.name)))
        for (const t of entry.outputs) wanted.add(t.name);

    const parts = new Map<string, T[]>();
    const contribute = (to: T, gradient: T): void => {
      const list = parts.get(to.name);
      if (list === undefined) parts.set(to.name, [gradient]);
      else list.push(gradient);
    };
    const gradientOf = (t: T): T | null => {
      const list = parts.get(t.name);
      if (list === undefined) return null;
      const sum = sumOf(graph, list, t.shape);
      parts.set(t.name, [sum]);
      return sum;
    };
    outputs.forEach((output, i) => {
      contribute(output, cotangents[i]);
    });
    for (const { inputs, outputs: results, vjp } of this.entries.toReversed()) {
      const needed = inputs.map((t) => t !== null && wanted.has(t.name));
      if (!needed.includes(true)) continue;
      const gradients = results.map(gradientOf);
      if (gradients.every((gradient) => gradient === null)) continue;
      vjp(gradients, needed).forEach((gradient, i) => {
        const input = inputs[i];
        if (gradient !== null && input !== null && needed[i]) contribute(input, gradient);
      });
    }
    return withRespectTo.map(gradientOf);
  }
}

function sumOf<T>(g: Emitter<T>, terms: readonly T[], shape: Shape): T {
  if (terms.length === 1) return terms[0];
  if (terms.length === 2) return g.emit1('Add', terms, shape);
  if (terms.length <= g.maxFanOut) return g.emit1('Sum', terms, shape);
  const half = terms.length >> 1;
  return sumOf(g, [sumOf(g, terms.slice(0, half), shape), sumOf(g, terms.slice(half), shape)], shape);
}
