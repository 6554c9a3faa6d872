import {
  ATTRIBUTE_CODES,
  DATA_TYPE_CODES,
  type DataType,
  type OnnxAttribute,
  type OnnxGraph,
  type OnnxModel,
  type OnnxNode,
  type OnnxTensor,
  type OnnxValue,
  type TensorData,
} from './model.js';
import { corruptOnnx, protobufFields, repeatedFloats, repeatedInts } from './protobuf-reader.js';

/** Deepest nesting of subgraphs accepted; real files have one or two levels. */
const MAX_DEPTH = 16;

/** Reads an ONNX file. @throws ModelError `E_CHECKPOINT_CORRUPT` when the bytes are not a whole ONNX model. */
export function readOnnx(bytes: Uint8Array): OnnxModel {
  const model: OnnxModel = {
    irVersion: 0,
    opset: 0,
    producer: '',
    graph: { name: '', nodes: [], initialisers: [], inputs: [], outputs: [] },
    metadata: {},
  };
  for (const f of protobufFields(asBuffer(bytes))) {
    if (f.field === 1) model.irVersion = Number(f.int);
    else if (f.field === 2) model.producer = f.bytes.toString();
    else if (f.field === 7) model.graph = readGraph(f.bytes, 0);
    else if (f.field === 8) {
      let domain = '';
      let version = 0;
      for (const g of protobufFields(f.bytes)) {
        if (g.field === 1) domain = g.bytes.toString();
        else if (g.field === 2) version = Number(g.int);
      }
      if (domain === '' || domain === 'ai.onnx') model.opset = version;
    } else if (f.field === 14) {
      let key = '';
      let value = '';
      for (const g of protobufFields(f.bytes)) {
        if (g.field === 1) key = g.bytes.toString();
        else if (g.field === 2) value = g.bytes.toString();
      }
      model.metadata[key] = value;
    }
  }
  if (model.graph.nodes.length === 0) throw corruptOnnx('it holds no graph');
  return model;
}

const asBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

function readGraph(bytes: Buffer, depth: number): OnnxGraph {
  if (depth > MAX_DEPTH) throw corruptOnnx(`its graphs are nested more than ${MAX_DEPTH} deep`);
  const graph: OnnxGraph = { name: '', nodes: [], initialisers: [], inputs: [], outputs: [] };
  for (const f of protobufFields(bytes)) {
    if (f.field === 1) graph.nodes.push(readNode(f.bytes, depth));
    else if (f.field === 2) graph.name = f.bytes.toString();
    else if (f.field === 5) graph.initialisers.push(readTensor(f.bytes));
    else if (f.field === 11) graph.inputs.push(readValue(f.bytes));
    else if (f.field === 12) graph.outputs.push(readValue(f.bytes));
  }
  return graph;
}

function readNode(bytes: Buffer, depth: number): OnnxNode {
  const inputs: string[] = [];
  const outputs: string[] = [];
  const attributes: Record<string, OnnxAttribute> = {};
  let [op, name, domain] = ['', '', ''];
  for (const f of protobufFields(bytes)) {
    if (f.field === 1) inputs.push(f.bytes.toString());
    else if (f.field === 2) outputs.push(f.bytes.toString());
    else if (f.field === 3) name = f.bytes.toString();
    else if (f.field === 4) op = f.bytes.toString();
    else if (f.field === 5) {
      const [key, attribute] = readAttribute(f.bytes, depth);
      attributes[key] = attribute;
    } else if (f.field === 7) domain = f.bytes.toString();
  }
  return { op, name, inputs, outputs, attributes, domain };
}

function readAttribute(bytes: Buffer, depth: number): [string, OnnxAttribute] {
  let name = '';
  let code = 0;
  let float = 0;
  let int = 0;
  let string = '';
  let tensor: OnnxTensor | undefined;
  let graph: OnnxGraph | undefined;
  const floats: number[] = [];
  const ints: number[] = [];
  const strings: string[] = [];
  for (const f of protobufFields(bytes)) {
    if (f.field === 1) name = f.bytes.toString();
    else if (f.field === 2) [float = 0] = repeatedFloats(f);
    else if (f.field === 3) int = Number(f.int);
    else if (f.field === 4) string = f.bytes.toString();
    else if (f.field === 5) tensor = readTensor(f.bytes);
    else if (f.field === 6) graph = readGraph(f.bytes, depth + 1);
    else if (f.field === 7) for (const value of repeatedFloats(f)) floats.push(value);
    else if (f.field === 8) for (const value of repeatedInts(f)) ints.push(value);
    else if (f.field === 9) strings.push(f.bytes.toString());
    else if (f.field === 20) code = Number(f.int);
  }
  switch (code) {
    case ATTRIBUTE_CODES.float:
      return [name, { kind: 'float', value: float }];
    case ATTRIBUTE_CODES.int:
      return [name, { kind: 'int', value: int }];
    case ATTRIBUTE_CODES.string:
      return [name, { kind: 'string', value: string }];
    case ATTRIBUTE_CODES.floats:
      return [name, { kind: 'floats', value: floats }];
    case ATTRIBUTE_CODES.ints:
      return [name, { kind: 'ints', value: ints }];
    case ATTRIBUTE_CODES.strings:
      return [name, { kind: 'strings', value: strings }];
  }
  if (tensor !== undefined) return [name, { kind: 'tensor', value: tensor }];
  if (graph !== undefined) return [name, { kind: 'graph', value: graph }];
  throw corruptOnnx(`attribute "${name}" has the unknown type ${code}`);
}

const TYPES = new Map(Object.entries(DATA_TYPE_CODES).map(([type, code]) => [code, type as DataType]));

function readTensor(bytes: Buffer): OnnxTensor {
  const dims: number[] = [];
  const floats: number[] = [];
  const ints: number[] = [];
  let type: DataType | undefined;
  let name = '';
  let raw: Buffer | undefined;
  for (const f of protobufFields(bytes)) {
    if (f.field === 1) for (const value of repeatedInts(f)) dims.push(value);
    else if (f.field === 2) type = TYPES.get(Number(f.int));
    else if (f.field === 4) for (const value of repeatedFloats(f)) floats.push(value);
    else if (f.field === 5 || f.field === 7) for (const value of repeatedInts(f)) ints.push(value);
    else if (f.field === 8) name = f.bytes.toString();
    else if (f.field === 9) raw = f.bytes;
  }
  if (type === undefined) throw corruptOnnx(`tensor "${name}" has an element type that is not supported`);
  if (dims.some((dim) => dim < 0)) throw corruptOnnx(`tensor "${name}" has a negative size`);
  const data = raw === undefined ? fromNumbers(type, floats, ints) : fromRaw(type, raw);
  const expected = dims.reduce((product, dim) => product * dim, 1);
  if (data.length !== expected)
    throw corruptOnnx(`tensor "${name}" has ${data.length} elements where its shape asks for ${expected}`);
  return { name, dims, type, data };
}

function fromNumbers(type: DataType, floats: number[], ints: number[]): TensorData {
  if (type === 'float32') return Float32Array.from(floats);
  if (type === 'float64') return Float64Array.from(floats);
  if (type === 'int64') return BigInt64Array.from(ints, BigInt);
  return type === 'int32' ? Int32Array.from(ints) : Uint8Array.from(ints);
}

function fromRaw(type: DataType, raw: Buffer): TensorData {
  // Copied: a view into the file's bytes need not be aligned to the element size.
  const bytes = Uint8Array.from(raw);
  if (type === 'bool' || type === 'uint8') return bytes;
  const width = type === 'float32' || type === 'int32' ? 4 : 8;
  if (bytes.length % width !== 0) throw corruptOnnx('a tensor ends inside an element');
  if (type === 'float32') return new Float32Array(bytes.buffer);
  if (type === 'float64') return new Float64Array(bytes.buffer);
  return type === 'int32' ? new Int32Array(bytes.buffer) : new BigInt64Array(bytes.buffer);
}

function readValue(bytes: Buffer): OnnxValue {
  let name = '';
  let type: DataType = 'float32';
  const dims: (number | string)[] = [];
  for (const f of protobufFields(bytes)) {
    if (f.field === 1) name = f.bytes.toString();
    else if (f.field === 2) {
      for (const tensorType of protobufFields(f.bytes)) {
        if (tensorType.field !== 1) continue;
        for (const g of protobufFields(tensorType.bytes)) {
          if (g.field === 1) type = TYPES.get(Number(g.int)) ?? type;
          else if (g.field === 2) for (const dim of protobufFields(g.bytes)) dims.push(readDim(dim.bytes));
        }
      }
    }
  }
  return { name, type, dims };
}

function readDim(bytes: Buffer): number | string {
  for (const f of protobufFields(bytes)) {
    if (f.field === 1) return Number(f.int);
    if (f.field === 2) return f.bytes.toString();
  }
  return '?';
}
