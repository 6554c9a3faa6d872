import type { Graph } from '../graph.js';
import type { OnnxModel } from './model.js';

/** Operator set 17 (2022): has `LayerNormalization`; every runtime of the last four years reads it. */
export const DEFAULT_OPSET = 17;
const IR_VERSION = 8;

/** A finished graph as a whole ONNX model. */
export function toModel(
  graph: Graph,
  opset = DEFAULT_OPSET,
  metadata: Record<string, string> = {},
): OnnxModel {
  return { irVersion: IR_VERSION, opset, producer: 'denoise', graph: graph.toOnnx('denoise'), metadata };
}
