import type { OnnxGraph, OnnxNode } from '../onnx/model.js';

export type Sizes = readonly number[];

/** What is known of the values of a graph before it runs. */
export interface KnownValues {
  /** Sizes of values; those of operators that are not known here are missing, and all that follows from them. */
  shapes: Map<string, Sizes>;
  /** Lists of whole numbers, such as the shapes that the graph computes for its own `Reshape`s. */
  ints: Map<string, Sizes>;
}

export const product = (sizes: Sizes): number => sizes.reduce((total, size) => total * size, 1);

export const sameSizes = (a: Sizes, b: Sizes): boolean =>
  a.length === b.length && a.every((size, i) => size === b[i]);

/** An axis counted from the end as one counted from the start. */
export const fromStart = (axis: number, rank: number): number => (axis < 0 ? axis + rank : axis);

/** An attribute that is a whole number or a list of them. */
export function intAttribute(node: OnnxNode, name: string, fallback: number): number {
  const attribute = node.attributes[name];
  return attribute?.kind === 'int' ? attribute.value : fallback;
}

export const ELEMENTWISE_UNARY = new Set([
  'Relu',
  'Exp',
  'Log',
  'Sqrt',
  'Sigmoid',
  'Tanh',
  'Neg',
  'Abs',
  'Reciprocal',
]);
export const ELEMENTWISE_BINARY = new Set(['Add', 'Sub', 'Mul', 'Div', 'Max']);

/** Follows the sizes of a graph's inputs through its nodes. @param sizes of the inputs' free axes, by name */
export function knownValues(graph: OnnxGraph, sizes: Readonly<Record<string, number>>): KnownValues {
  const known: KnownValues = { shapes: new Map(), ints: new Map() };
  for (const { name, dims, type, data } of graph.initialisers) {
    known.shapes.set(name, dims);
    if (type === 'int64' && dims.length === 1)
      known.ints.set(name, Array.from(data as BigInt64Array, Number));
  }
  for (const { name, dims } of graph.inputs) {
    const fixed = dims.map((dim) => (typeof dim === 'number' ? dim : sizes[dim]));
    if (fixed.every((size) => size !== undefined)) known.shapes.set(name, fixed);
  }
  for (const node of graph.nodes) {
    const ints = intsOf(node, known);
    if (ints !== undefined) known.ints.set(node.outputs[0], ints);
    shapesOf(node, known)?.forEach((shape, i) => {
      if (node.outputs[i] !== undefined && node.outputs[i] !== '') known.shapes.set(node.outputs[i], shape);
    });
  }
  return known;
}

/** Whole numbers that a node computes from known ones. */
function intsOf(node: OnnxNode, { shapes, ints }: KnownValues): Sizes | undefined {
  if (node.op === 'Shape') return shapes.get(node.inputs[0]);
  const lists = node.inputs.map((name) => ints.get(name));
  if (lists.length === 0 || lists.some((list) => list === undefined)) return undefined;
  const [a, b] = lists as Sizes[];
  switch (node.op) {
    case 'Gather':
      return b.map((index) => a[fromStart(index, a.length)]);
    case 'Concat':
      return (lists as Sizes[]).flat();
    case 'Mul':
      return pairwise(a, b, (x, y) => x * y);
    case 'Div':
      return pairwise(a, b, (x, y) => Math.trunc(x / y));
    case 'Add':
      return pairwise(a, b, (x, y) => x + y);
    case 'Sub':
      return pairwise(a, b, (x, y) => x - y);
    default:
      return undefined;
  }
}

const pairwise = (a: Sizes, b: Sizes, apply: (x: number, y: number) => number): Sizes | undefined =>
  a.length === b.length ? a.map((x, i) => apply(x, b[i])) : undefined;

/** Sizes of a node's outputs. */
function shapesOf(node: OnnxNode, { shapes, ints }: KnownValues): Sizes[] | undefined {
  const [a, b] = node.inputs.map((name) => shapes.get(name));
  const computed = ints.get(node.outputs[0]);
  if (computed !== undefined) return [[computed.length]];
  if (a === undefined) return undefined;
  const axis = (fallback: number): number => fromStart(intAttribute(node, 'axis', fallback), a.length);
  const list = (input: number): Sizes | undefined => ints.get(node.inputs[input] ?? '');
  if (ELEMENTWISE_UNARY.has(node.op) || node.op === 'Identity') return [a];
  if (ELEMENTWISE_BINARY.has(node.op)) return b && broadcast(a, b);
  switch (node.op) {
    case 'MatMul':
      return b && productShape(a, b);
    case 'Gemm': {
      if (b === undefined) return undefined;
      const rows = intAttribute(node, 'transA', 0) === 1 ? a[1] : a[0];
      return [[rows, intAttribute(node, 'transB', 0) === 1 ? b[0] : b[1]]];
    }
    case 'Reshape': {
      const target = list(1);
      if (target === undefined) return undefined;
      const shape = target.map((size, i) => (size === 0 ? a[i] : size));
      const rest = product(a) / product(shape.filter((size) => size !== -1));
      return [shape.map((size) => (size === -1 ? rest : size))];
    }
    case 'Transpose': {
      const perm = node.attributes.perm;
      return perm?.kind === 'ints' ? [perm.value.map((from) => a[from])] : undefined;
    }
    case 'Concat': {
      const parts = node.inputs.map((name) => shapes.get(name));
      if (parts.some((part) => part === undefined)) return undefined;
      const at = axis(0);
      return [
        a.with(
          at,
          (parts as Sizes[]).reduce((sum, part) => sum + part[at], 0),
        ),
      ];
    }
    case 'Split': {
      const parts = list(1);
      return parts?.map((size) => a.with(axis(0), size));
    }
    case 'Slice': {
      const cuts = slicesOf(node, a, ints);
      return (
        cuts && [cuts.reduce<Sizes>((shape, { axis: at, start, end }) => shape.with(at, end - start), a)]
      );
    }
    case 'Pad': {
      const pads = list(1);
      return pads && node.inputs.length < 4
        ? [a.map((size, i) => size + pads[i] + pads[i + a.length])]
        : undefined;
    }
    case 'LayerNormalization': {
      const statistics = a.with(axis(-1), 1);
      return [a, statistics, statistics];
    }
    case 'LSTM': {
      const hidden = intAttribute(node, 'hidden_size', 0);
      if (hidden === 0 || intAttribute(node, 'layout', 0) !== 0 || node.attributes.direction !== undefined)
        return undefined;
      const last = [1, a[1], hidden];
      return [[a[0], ...last], last, last];
    }
    default:
      return undefined;
  }
}

/** A stretch along one axis. */
export interface Cut {
  axis: number;
  start: number;
  end: number;
}

/** What a `Slice` with steps of 1 and known ends takes of a value of shape `shape`. */
export function slicesOf(node: OnnxNode, shape: Sizes, ints: KnownValues['ints']): Cut[] | undefined {
  const [starts, ends, axes, steps] = node.inputs.slice(1).map((name) => ints.get(name));
  if (starts === undefined || ends === undefined) return undefined;
  if (node.inputs.length > 3 && axes === undefined) return undefined;
  if (node.inputs.length > 4 && !(steps?.every((step) => step === 1) ?? false)) return undefined;
  return starts.map((start, i) => {
    const axis = fromStart(axes?.[i] ?? i, shape.length);
    const bounded = (at: number): number => Math.min(Math.max(fromStart(at, shape[axis]), 0), shape[axis]);
    return { axis, start: bounded(start), end: bounded(ends[i]) };
  });
}

function broadcast(a: Sizes, b: Sizes): Sizes[] | undefined {
  const rank = Math.max(a.length, b.length);
  const padded = (sizes: Sizes): Sizes => [...Array<number>(rank - sizes.length).fill(1), ...sizes];
  const [x, y] = [padded(a), padded(b)];
  if (x.some((size, i) => size !== y[i] && size !== 1 && y[i] !== 1)) return undefined;
  return [x.map((size, i) => (size === 1 ? y[i] : size))];
}

function productShape(a: Sizes, b: Sizes): Sizes[] | undefined {
  if (a.length < 2 || b.length < 2) return undefined;
  const outer = broadcast(a.slice(0, -2), b.slice(0, -2));
  return outer && [[...outer[0], a[a.length - 2], b[b.length - 1]]];
}
