import { Random } from '../../src/random.js';

/** A dense array in row-major order: what plain references of graph operations compute with. */
export interface NdArray {
  dims: readonly number[];
  data: Float64Array;
}

export const sizeOfDims = (dims: readonly number[]): number => dims.reduce((n, dim) => n * dim, 1);

/** An array whose element at `index` is `value(index)`. */
export function fromIndex(dims: readonly number[], value: (...index: number[]) => number): NdArray {
  const data = new Float64Array(sizeOfDims(dims));
  const index = dims.map(() => 0);
  for (let i = 0; i < data.length; i++) {
    data[i] = value(...index);
    for (let axis = dims.length - 1; axis >= 0 && ++index[axis] === dims[axis]; axis--) index[axis] = 0;
  }
  return { dims, data };
}

/** The element at `index`; an axis of size 1 answers for every index, as in broadcasting. */
export function at({ dims, data }: NdArray, ...index: number[]): number {
  let position = 0;
  const lead = index.length - dims.length;
  dims.forEach((dim, axis) => {
    position = position * dim + (dim === 1 ? 0 : index[axis + lead]);
  });
  return data[position];
}

export const array = (dims: readonly number[], data: ArrayLike<number>): NdArray => ({
  dims,
  data: Float64Array.from(data),
});

/** Uniform numbers in [low, high), the same for the same seed. */
export function randomArray(dims: readonly number[], seed: number, low = -1, high = 1): NdArray {
  const random = new Random(seed);
  return { dims, data: Float64Array.from({ length: sizeOfDims(dims) }, () => random.uniform(low, high)) };
}

/** Random numbers of magnitude `smallest` to 1: away from the kinks of ReLU and |x|, where no difference quotient holds. */
export function awayFromZero(dims: readonly number[], seed: number, smallest = 0.05): NdArray {
  const array = randomArray(dims, seed);
  return { dims, data: array.data.map((x) => Math.sign(x) * (smallest + (1 - smallest) * Math.abs(x))) };
}

export const map = ({ dims, data }: NdArray, f: (x: number) => number): NdArray => ({
  dims,
  data: data.map((x) => f(x)),
});
