import type { OnnxAttribute, OnnxGraph, OnnxNode, OnnxTensor } from '../onnx/model.js';
import { type KnownValues, knownValues, product, type Sizes, sameSizes } from './shapes.js';

/** A value of the old graph in the new one: a tensor there, read in another shape. */
export interface View {
  /** Name of the tensor in the new graph. */
  tensor: string;
  /** Shape that the tensor has; `undefined` where nobody knows. */
  stored: Sizes | undefined;
  /** Shape that the old value had. */
  shape: Sizes | undefined;
}

/** Pieces that lie one after another in each row of a tensor `[rows, …]`. */
export interface Joined {
  rows: number;
  pieces: readonly { view: View; width: number }[];
}

/**
 * The new graph while it is built out of the old one. Values keep their numbers in the order in which they came, and a
 * `Reshape` is made only where an operator needs another shape than the tensor has.
 */
export class Rewriter {
  readonly known: KnownValues;
  readonly nodes: OnnxNode[] = [];
  /** What is known of tensors that were concatenated. */
  readonly joined = new Map<string, Joined>();
  readonly #views = new Map<string, View>();
  readonly #reshaped = new Map<string, string>();
  readonly #outputs: ReadonlySet<string>;
  readonly #constants = new Map<string, OnnxTensor>();

  constructor(
    readonly graph: OnnxGraph,
    sizes: Readonly<Record<string, number>>,
  ) {
    this.known = knownValues(graph, sizes);
    this.#outputs = new Set(graph.outputs.map(({ name }) => name));
    for (const { name } of [...graph.inputs, ...graph.initialisers]) {
      const shape = this.known.shapes.get(name);
      this.#views.set(name, { tensor: name, stored: shape, shape });
    }
  }

  /** The value of the old graph. */
  view(name: string): View {
    const ints = this.known.ints.get(name);
    // Whole numbers that are known are constants now.
    if (ints !== undefined) return { tensor: this.ints(ints), stored: [ints.length], shape: [ints.length] };
    return this.#views.get(name) ?? { tensor: name, stored: undefined, shape: undefined };
  }

  /** Says that a value of the old graph is a tensor of the new one in the shape that the value had. */
  set(name: string, tensor: string, stored: Sizes | undefined): void {
    this.#views.set(name, { tensor, stored, shape: this.known.shapes.get(name) });
  }

  /** The tensor that has a view's numbers in a certain shape. */
  as({ tensor, stored }: View, shape: Sizes | undefined): string {
    if (shape === undefined || stored === undefined || sameSizes(stored, shape)) return tensor;
    const key = `${tensor} as ${shape}`;
    let reshaped = this.#reshaped.get(key);
    if (reshaped === undefined) {
      reshaped = key;
      this.#reshaped.set(key, key);
      this.add('Reshape', [tensor, this.ints(shape)], [key]);
    }
    return reshaped;
  }

  /** The name of a node's output in the new graph: the graph's own outputs are named in {@link finish}. */
  made(output: string): string {
    return this.#outputs.has(output) ? `${output} made` : output;
  }

  /** A constant list of whole numbers. */
  ints(values: Sizes): string {
    const name = `ints ${values}`;
    if (!this.#constants.has(name))
      this.#constants.set(name, {
        name,
        dims: [values.length],
        type: 'int64',
        data: BigInt64Array.from(values, BigInt),
      });
    return name;
  }

  add(
    op: string,
    inputs: readonly string[],
    outputs: readonly string[],
    attributes: Readonly<Record<string, OnnxAttribute>> = {},
  ): void {
    this.nodes.push({ op, name: `${op} ${outputs[0]}`, inputs, outputs, attributes, domain: '' });
  }

  /** Takes a node over as it is, with its inputs in the shapes that they had. */
  keep(node: OnnxNode): void {
    const inputs = node.inputs.map((name) => {
      if (name === '') return '';
      const view = this.view(name);
      return this.as(view, view.shape);
    });
    this.nodes.push({ ...node, inputs, outputs: node.outputs.map((output) => this.made(output)) });
    for (const output of node.outputs)
      if (output !== '') this.set(output, this.made(output), this.known.shapes.get(output));
  }

  /** The new graph, without nodes and constants that nothing needs. */
  finish(): OnnxGraph {
    const { name, inputs, outputs, initialisers } = this.graph;
    for (const output of outputs) {
      const view = this.view(output.name);
      const tensor = this.as(view, view.shape);
      this.add('Identity', [tensor], [output.name]);
    }
    const needed = new Set(outputs.map((output) => output.name));
    const nodes: OnnxNode[] = [];
    for (const node of this.nodes.toReversed()) {
      if (!node.outputs.some((output) => needed.has(output))) continue;
      for (const input of node.inputs) needed.add(input);
      // Outputs that are left out cost nothing.
      nodes.push({ ...node, outputs: node.outputs.map((output) => (needed.has(output) ? output : '')) });
    }
    return {
      name,
      nodes: nodes.reverse(),
      initialisers: [...initialisers, ...this.#constants.values()].filter((tensor) =>
        needed.has(tensor.name),
      ),
      inputs: inputs.map((input) => ({ ...input, dims: this.known.shapes.get(input.name) ?? input.dims })),
      outputs: outputs.map((output) => ({
        ...output,
        dims: this.known.shapes.get(output.name) ?? output.dims,
      })),
    };
  }
}

/**
 * Which axis of a tensor of shape `stored` is axis `axis` of the same numbers read in `shape`: the one with as many elements
 * before it, of the same size. `undefined` where there is none.
 */
export function axisIn(stored: Sizes, shape: Sizes, axis: number): number | undefined {
  const before = product(shape.slice(0, axis));
  const found = stored.findIndex((size, i) => size === shape[axis] && product(stored.slice(0, i)) === before);
  return found < 0 ? undefined : found;
}
