import type { Shape } from './dim.js';
import type { Graph, Tensor } from './graph.js';

/**
 * The vector-Jacobian product of one recorded operation: from the gradients of its outputs (`null`: nothing depends on
 * that output) to those of its inputs. `needed[i]` says whether the gradient of input `i` will be used; `null` may be
 * given back for the others.
 */
export type Vjp = (gradients: (Tensor | null)[], needed: boolean[]) => (Tensor | null)[];

interface TapeEntry {
  inputs: readonly (Tensor | null)[];
  outputs: readonly Tensor[];
  vjp: Vjp;
}

/** The operations of one graph in their order, and how to differentiate them. */
export class Tape {
  private readonly entries: TapeEntry[] = [];

  record(entry: TapeEntry): void {
    this.entries.push(entry);
  }

  /** As `Graph.pullBack`; emits into `graph`. */
  pullBack(
    graph: Graph,
    outputs: readonly Tensor[],
    cotangents: readonly Tensor[],
    withRespectTo: readonly Tensor[],
  ): (Tensor | null)[] {
    const wanted = new Set(withRespectTo.map((t) => t.name));
    for (const entry of this.entries)
      if (entry.inputs.some((t) => t !== null && wanted.has(t.name)))
        for (const t of entry.outputs) wanted.add(t.name);

    const parts = new Map<string, Tensor[]>();
    const contribute = (to: Tensor, gradient: Tensor): void => {
      const list = parts.get(to.name);
      if (list === undefined) parts.set(to.name, [gradient]);
      else list.push(gradient);
    };
    const gradientOf = (t: Tensor): Tensor | null => {
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

function sumOf(g: Graph, terms: readonly Tensor[], shape: Shape): Tensor {
  if (terms.length === 1) return terms[0];
  if (terms.length === 2) return g.emit1('Add', terms, shape);
  if (terms.length <= g.maxFanOut) return g.emit1('Sum', terms, shape);
  const half = terms.length >> 1;
  return sumOf(g, [sumOf(g, terms.slice(0, half), shape), sumOf(g, terms.slice(half), shape)], shape);
}
