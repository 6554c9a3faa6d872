/** Operations that move numbers without changing them: reshape, transpose, slice, concatenate, split, pad. */
import { GraphError } from '../../errors.js';
import {
  addDims,
  type Dim,
  fixed,
  type Shape,
  sameDim,
  sameShape,
  showShape,
  sizeOf,
  subtractDims,
} from '../dim.js';
import { int, ints, type Tensor } from '../graph.js';

/** Beyond any size: "to the end" for ONNX `Slice`. */
const END = Number.MAX_SAFE_INTEGER;

/** The same elements in another shape. @throws GraphError `E_SHAPE` when it holds more or fewer */
export function reshape(x: Tensor, shape: Shape): Tensor {
  if (sameShape(x.shape, shape)) return x;
  if (!sameDim(sizeOf(x.shape), sizeOf(shape)))
    throw new GraphError('E_SHAPE', `reshape: ${showShape(x.shape)} does not fill ${showShape(shape)}.`);
  const y = x.graph.emit1('Reshape', [x, reshapeTarget(x, shape)], shape, {}, x.type);
  x.graph.record([x], [y], ([d]) => [reshape(d!, x.shape)]);
  return y;
}

/** The second input of `Reshape`: a constant wherever 0 ("as in the input") and one -1 ("the rest") can say it. */
function reshapeTarget(x: Tensor, shape: Shape): Tensor {
  const codes = shape.map((dim, i) =>
    typeof dim === 'number' ? dim : i < x.shape.length && sameDim(dim, x.shape[i]) ? 0 : -1,
  );
  if (codes.filter((code) => code === -1).length <= 1) return x.graph.ints(codes);
  const parts = shape.map((dim) => x.graph.sizeTensor(dim));
  return x.graph.emit1('Concat', parts, [shape.length], { axis: int(0) }, 'int64');
}

/** Axis i of the result is axis `permutation[i]` of `x`. */
export function transpose(x: Tensor, permutation: readonly number[]): Tensor {
  const shape = permutation.map((axis) => x.shape[axis]);
  const y = x.graph.emit1('Transpose', [x], shape, { perm: ints(permutation) }, x.type);
  const inverse = permutation.map((_, axis) => permutation.indexOf(axis));
  x.graph.record([x], [y], ([d]) => [transpose(d!, inverse)]);
  return y;
}

/** Elements `start ≤ i < end` along `axis`. */
export function slice(x: Tensor, axis: number, start: Dim, end: Dim): Tensor {
  const size = x.shape[axis];
  if (start === 0 && sameDim(end, size)) return x;
  const shape = x.shape.with(axis, subtractDims(end, start));
  const g = x.graph;
  const position = (at: Dim): Tensor => {
    if (typeof at === 'number') return g.ints([at]);
    const fromEnd = subtractDims(at, size);
    if (fromEnd === 0) return g.ints([END]);
    return typeof fromEnd === 'number' ? g.ints([fromEnd]) : g.sizeTensor(at);
  };
  const y = g.emit1('Slice', [x, position(start), position(end), g.ints([axis])], shape, {}, x.type);
  g.record([x], [y], ([d]) => [pad(d!, axis, start, subtractDims(size, end))]);
  return y;
}

/** Every `step`-th element along `axis`: `start, start + step, …`, `count` of them. */
export function stridedSlice(x: Tensor, axis: number, start: number, step: number, count: number): Tensor {
  if (step === 1) return slice(x, axis, start, start + count);
  const size = fixed(x.shape[axis], 'the axis of a strided slice');
  const end = start + (count - 1) * step + 1;
  const g = x.graph;
  const y = g.emit1(
    'Slice',
    [x, g.ints([start]), g.ints([end]), g.ints([axis]), g.ints([step])],
    x.shape.with(axis, count),
    {},
    x.type,
  );
  g.record([x], [y], ([d]) => {
    // Zeros between the samples: a new axis of length 1 padded to `step`, then folded into `axis`.
    const apart = reshape(d!, d!.shape.toSpliced(axis + 1, 0, 1));
    const spread = pad(apart, axis + 1, 0, step - 1);
    const flat = reshape(spread, x.shape.with(axis, count * step));
    const cut = slice(flat, axis, 0, Math.min(count * step, size - start));
    return [pad(cut, axis, start, size - start - Math.min(count * step, size - start))];
  });
  return y;
}

/** Zeros before and after along `axis`. */
export function pad(x: Tensor, axis: number, before: Dim, after: Dim): Tensor {
  if (before === 0 && after === 0) return x;
  const g = x.graph;
  const shape = x.shape.with(axis, addDims(x.shape[axis], addDims(before, after)));
  const rank = shape.length;
  const pads = Array<number>(2 * rank).fill(0);
  pads[axis] = fixed(before, 'padding');
  pads[axis + rank] = fixed(after, 'padding');
  const y = g.emit1('Pad', [x, g.ints(pads)], shape, {}, x.type);
  g.record([x], [y], ([d]) => [slice(d!, axis, before, addDims(before, x.shape[axis]))]);
  return y;
}

/** Tensors one after another along `axis`; the other axes must agree. */
export function concat(parts: readonly Tensor[], axis: number): Tensor {
  if (parts.length === 1) return parts[0];
  const g = parts[0].graph;
  if (parts.length > g.maxFanOut) {
    const per = Math.ceil(parts.length / g.maxFanOut);
    const groups: Tensor[] = [];
    for (let i = 0; i < parts.length; i += per) groups.push(concat(parts.slice(i, i + per), axis));
    return concat(groups, axis);
  }
  const sizes = parts.map((part) => part.shape[axis]);
  const shape = parts[0].shape.with(axis, sizes.reduce(addDims));
  for (const part of parts)
    if (!sameShape(part.shape.with(axis, 0), shape.with(axis, 0)))
      throw new GraphError(
        'E_SHAPE',
        `concat: ${showShape(part.shape)} beside ${showShape(parts[0].shape)} on axis ${axis}.`,
      );
  const y = g.emit1('Concat', parts, shape, { axis: int(axis) }, parts[0].type);
  g.record(parts, [y], ([d]) => {
    if (sizes.every((size) => typeof size === 'number')) return split(d!, sizes as number[], axis);
    let at: Dim = 0;
    return sizes.map((size) => {
      const start = at;
      at = addDims(at, size);
      return slice(d!, axis, start, at);
    });
  });
  return y;
}

/** Cuts `x` along `axis` into parts of the given sizes. */
export function split(x: Tensor, sizes: readonly number[], axis: number): Tensor[] {
  if (sizes.length === 1) return [x];
  const g = x.graph;
  if (sizes.length > g.maxFanOut) {
    const per = Math.ceil(sizes.length / g.maxFanOut);
    const groups: number[][] = [];
    for (let i = 0; i < sizes.length; i += per) groups.push(sizes.slice(i, i + per));
    const totals = groups.map((group) => group.reduce((a, b) => a + b));
    return split(x, totals, axis).flatMap((part, i) => split(part, groups[i], axis));
  }
  const shapes = sizes.map((size) => x.shape.with(axis, size));
  const parts = g.emit('Split', [x, g.ints(sizes)], shapes, { axis: int(axis) }, x.type);
  g.record([x], parts, (gradients) => [
    concat(
      gradients.map(
        (d, i) =>
          d ??
          g.full(
            shapes[i].map((dim) => fixed(dim, 'a split')),
            0,
          ),
      ),
      axis,
    ),
  ]);
  return parts;
}

/** Reverses the order along `axis`. */
export function reverse(x: Tensor, axis: number): Tensor {
  const g = x.graph;
  const y = g.emit1(
    'Slice',
    [x, g.ints([-1]), g.ints([-END]), g.ints([axis]), g.ints([-1])],
    x.shape,
    {},
    x.type,
  );
  g.record([x], [y], ([d]) => [reverse(d!, axis)]);
  return y;
}
