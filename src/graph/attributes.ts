import type { Graph } from './graph.js';
import type { OnnxAttribute } from './onnx/model.js';

/** Attribute constructors, so that call sites read `{ axis: int(1) }`. */
export const int = (value: number): OnnxAttribute => ({ kind: 'int', value });
export const ints = (value: readonly number[]): OnnxAttribute => ({ kind: 'ints', value });
/** Rounded as the file will hold it. */
export const float = (value: number): OnnxAttribute => ({ kind: 'float', value: Math.fround(value) });
export const body = (value: Graph, name: string): OnnxAttribute => ({
  kind: 'graph',
  value: value.toOnnx(name),
});
