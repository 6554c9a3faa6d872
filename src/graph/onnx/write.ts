import {
  ATTRIBUTE_CODES,
  DATA_TYPE_CODES,
  type OnnxAttribute,
  type OnnxGraph,
  type OnnxModel,
  type OnnxTensor,
  type OnnxValue,
} from './model.js';
import { ProtobufWriter } from './protobuf-writer.js';

/** The bytes of an ONNX file. Field numbers are those of onnx.proto3. */
export function writeOnnx(model: OnnxModel): Uint8Array {
  const out = new ProtobufWriter(1 << 16);
  out.int(1, model.irVersion);
  out.string(2, model.producer);
  out.message(7, (w) => writeGraph(w, model.graph));
  out.message(8, (w) => {
    w.string(1, '');
    w.int(2, model.opset);
  });
  for (const [key, value] of Object.entries(model.metadata)) {
    out.message(14, (w) => {
      w.string(1, key);
      w.string(2, value);
    });
  }
  return out.finish();
}

function writeGraph(out: ProtobufWriter, graph: OnnxGraph): void {
  for (const node of graph.nodes) {
    out.message(1, (w) => {
      for (const input of node.inputs) w.string(1, input);
      for (const output of node.outputs) w.string(2, output);
      w.string(3, node.name);
      w.string(4, node.op);
      for (const [name, attribute] of Object.entries(node.attributes))
        w.message(5, (a) => writeAttribute(a, name, attribute));
      if (node.domain !== '') w.string(7, node.domain);
    });
  }
  out.string(2, graph.name);
  for (const tensor of graph.initialisers) out.message(5, (w) => writeTensor(w, tensor));
  for (const value of graph.inputs) out.message(11, (w) => writeValue(w, value));
  for (const value of graph.outputs) out.message(12, (w) => writeValue(w, value));
}

function writeTensor(out: ProtobufWriter, { name, dims, type, data }: OnnxTensor): void {
  for (const dim of dims) out.int(1, dim);
  out.int(2, DATA_TYPE_CODES[type]);
  out.string(8, name);
  out.bytes(9, new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
}

function writeAttribute(out: ProtobufWriter, name: string, attribute: OnnxAttribute): void {
  out.string(1, name);
  switch (attribute.kind) {
    case 'float':
      out.float(2, attribute.value);
      break;
    case 'int':
      out.int(3, attribute.value);
      break;
    case 'string':
      out.string(4, attribute.value);
      break;
    case 'tensor':
      out.message(5, (w) => writeTensor(w, attribute.value));
      break;
    case 'graph':
      out.message(6, (w) => writeGraph(w, attribute.value));
      break;
    case 'floats':
      for (const value of attribute.value) out.float(7, value);
      break;
    case 'ints':
      for (const value of attribute.value) out.int(8, value);
      break;
    case 'strings':
      for (const value of attribute.value) out.string(9, value);
      break;
    default:
      attribute satisfies never;
  }
  out.int(20, ATTRIBUTE_CODES[attribute.kind]);
}

function writeValue(out: ProtobufWriter, { name, type, dims }: OnnxValue): void {
  out.string(1, name);
  out.message(2, (typeProto) =>
    typeProto.message(1, (tensorType) => {
      tensorType.int(1, DATA_TYPE_CODES[type]);
      tensorType.message(2, (shape) => {
        for (const dim of dims) {
          shape.message(1, (w) => (typeof dim === 'string' ? w.string(2, dim) : w.int(1, dim)));
        }
      });
    }),
  );
}
