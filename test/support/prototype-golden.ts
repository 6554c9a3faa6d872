import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { count, type VariableSpec } from '../../src/nn/model-builder.js';

/** Reference material that is not part of the repository. */
const shared = resolve(process.env.DENOISE_SHARED ?? '../shared');

/** The proof of concept's code and goldens; may be absent. */
const prototypeFolder = join(shared, 'prototype', 'training-graph');

/** What PyTorch made of model M or N: inputs, weights, output, gradients, and the losses of 50 steps of Adam. */
export interface TorchGolden {
  losses: number[];
  gnorms: number[];
  tensors: Map<string, { dims: number[]; data: Float32Array }>;
}

/** `undefined` where the proof of concept is not on this machine. */
export function loadTorchGolden(model: 'M' | 'N'): TorchGolden | undefined {
  const folder = join(prototypeFolder, 'ref');
  if (!existsSync(join(folder, `${model}.json`))) return undefined;
  const { tensors, losses, gnorms } = JSON.parse(readFileSync(join(folder, `${model}.json`), 'utf8')) as {
    tensors: { name: string; shape: number[]; off: number }[];
    losses: number[];
    gnorms: number[];
  };
  const bytes = Uint8Array.from(readFileSync(join(folder, `${model}.bin`)));
  const arrays = tensors.map(({ name, shape, off }): [string, { dims: number[]; data: Float32Array }] => [
    name,
    { dims: shape, data: new Float32Array(bytes.buffer, off, count(shape)) },
  ]);
  return { losses, gnorms, tensors: new Map(arrays) };
}

/** PyTorch's weights (`w.`) or gradients (`g.`) as one flat vector in this project's layouts. */
export function flatFromTorch(
  specs: readonly VariableSpec[],
  find: (name: string) => { dims: readonly number[]; data: ArrayLike<number> },
  biases: 'sum' | 'first',
  isTransposed: (name: string) => boolean,
): Float32Array {
  const parts = specs.map(({ name }): ArrayLike<number> => {
    if (name === 'lstm.bias') {
      const [a, b] = [find('lstm.bias_ih_l0').data, find('lstm.bias_hh_l0').data];
      return gates(biases === 'sum' ? Array.from(a, (v, i) => v + b[i]) : a, 1);
    }
    const { dims, data } = find(name);
    if (name.startsWith('lstm.')) return gates(data, dims[1]);
    return dims.length === 1 ? data : tapsOutermost(dims, data, isTransposed(name));
  });
  return Float32Array.from(parts.flatMap((part) => Array.from(part)));
}

/** PyTorch's gate order input, forget, cell, output to ONNX's input, output, forget, cell. */
function gates(data: ArrayLike<number>, width: number): number[] {
  const rows = Array.from(data);
  const block = (data.length / 4 / width) * width;
  return [0, 3, 1, 2].flatMap((gate) => rows.slice(gate * block, (gate + 1) * block));
}

/** `[out, in, tap]` to `[tap·in, out]`; of a transposed convolution `[in, out, tap]` to `[in, tap·out]`. */
function tapsOutermost(dims: readonly number[], data: ArrayLike<number>, transposed: boolean): number[] {
  const [rows, columns, taps = 1] = dims;
  const relaid = new Array<number>(data.length);
  for (let r = 0; r < rows; r++)
    for (let c = 0; c < columns; c++)
      for (let tap = 0; tap < taps; tap++) {
        const to = transposed ? (r * taps + tap) * columns + c : (tap * columns + c) * rows + r;
        relaid[to] = data[(r * columns + c) * taps + tap];
      }
  return relaid;
}
