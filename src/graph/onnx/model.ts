/** The parts of an ONNX file (onnx.proto3, IR version 8) that this project reads and writes, as plain objects. */

export type DataType = 'float32' | 'float64' | 'int32' | 'int64' | 'bool' | 'uint8';
export type TensorData = Float32Array | Float64Array | Int32Array | BigInt64Array | Uint8Array;

export interface OnnxTensor {
  name: string;
  dims: readonly number[];
  type: DataType;
  data: TensorData;
}

export type OnnxAttribute =
  | { kind: 'int'; value: number }
  | { kind: 'ints'; value: readonly number[] }
  | { kind: 'float'; value: number }
  | { kind: 'floats'; value: readonly number[] }
  | { kind: 'string'; value: string }
  | { kind: 'strings'; value: readonly string[] }
  | { kind: 'tensor'; value: OnnxTensor }
  | { kind: 'graph'; value: OnnxGraph };

export interface OnnxNode {
  op: string;
  name: string;
  /** Empty string: an optional input that is left out. */
  inputs: readonly string[];
  outputs: readonly string[];
  attributes: Readonly<Record<string, OnnxAttribute>>;
  /** Operator set; '' is the standard one. */
  domain: string;
}

/** Name, element type and size of a graph input or output; a string is a size known only at run time. */
export interface OnnxValue {
  name: string;
  type: DataType;
  dims: readonly (number | string)[];
}

export interface OnnxGraph {
  name: string;
  nodes: OnnxNode[];
  initialisers: OnnxTensor[];
  inputs: OnnxValue[];
  outputs: OnnxValue[];
}

export interface OnnxModel {
  irVersion: number;
  /** Version of the standard operator set. */
  opset: number;
  producer: string;
  graph: OnnxGraph;
  metadata: Record<string, string>;
}

/** `TensorProto.DataType` numbers. */
export const DATA_TYPE_CODES: Readonly<Record<DataType, number>> = {
  float32: 1,
  uint8: 2,
  int32: 6,
  int64: 7,
  bool: 9,
  float64: 11,
};

/** `AttributeProto.AttributeType` numbers. */
export const ATTRIBUTE_CODES: Readonly<Record<OnnxAttribute['kind'], number>> = {
  float: 1,
  int: 2,
  string: 3,
  tensor: 4,
  graph: 5,
  floats: 6,
  ints: 7,
  strings: 8,
};
