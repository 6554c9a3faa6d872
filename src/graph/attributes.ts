import type { OnnxAttribute, OnnxGraph } from './onnx/model.js';

/** Attribute constructors, so that call sites read `{ axis: int(1) }`. */
export const int = (value: number): OnnxAttribute => ({ kind: 'int', value });
export const ints = (value: readonly number[]): OnnxAttribute => ({ kind: 'ints', value });
/** Rounded as the file will hold it. */
export const float = (value: number): OnnxAttribute => ({ kind: 'float', value: Math.fround(value) });
/** The body of a loop, as the graph stands now. */
export const body = (value: { toOnnx(name: string): OnnxGraph }, name: string): OnnxAttribute => ({
  kind: 'graph',
  value: value.toOnnx(name),
});
/** Rounded as the file will hold them. */
export const floats = (value: readonly number[]): OnnxAttribute => ({
  kind: 'floats',
  value: value.map(Math.fround),
});
export const strings = (value: readonly string[]): OnnxAttribute => ({ kind: 'strings', value });
