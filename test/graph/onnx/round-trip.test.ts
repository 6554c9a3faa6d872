import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { unet1dLstm, unet1dLstmConfig } from '../../../models/unet1d-lstm.js';
import { modelN } from '../../../scripts/bench/prototype-models.js';
import { toModel } from '../../../src/graph/onnx/envelope.js';
import type {
  DataType,
  OnnxAttribute,
  OnnxGraph,
  OnnxModel,
  OnnxTensor,
  TensorData,
} from '../../../src/graph/onnx/model.js';
import { readOnnx } from '../../../src/graph/onnx/read.js';
import { writeOnnx } from '../../../src/graph/onnx/write.js';
import { initialVector } from '../../../src/nn/model-builder.js';
import { describeBuild, describeModel, streamingGraph } from '../../../src/nn/streaming-graph.js';
import { trainingGraph } from '../../../src/nn/training-graph.js';

const text = fc.string({ unit: 'grapheme', maxLength: 12 });
/** Every int64 that a plain number holds exactly. */
const int = fc.maxSafeInteger();
const single = fc.float({ noNaN: true });

const tensorData: Record<DataType, (size: number) => fc.Arbitrary<TensorData>> = {
  float32: (size) => fc.float32Array({ minLength: size, maxLength: size }),
  float64: (size) => fc.float64Array({ minLength: size, maxLength: size }),
  int32: (size) => fc.int32Array({ minLength: size, maxLength: size }),
  int64: (size) => fc.bigInt64Array({ minLength: size, maxLength: size }),
  bool: (size) => fc.uint8Array({ minLength: size, maxLength: size, max: 1 }),
  uint8: (size) => fc.uint8Array({ minLength: size, maxLength: size }),
};
const dims = fc.array(fc.nat(3), { maxLength: 3 });
const tensor: fc.Arbitrary<OnnxTensor> = fc
  .tuple(text, fc.constantFrom(...(Object.keys(tensorData) as DataType[])), dims)
  .chain(([name, type, shape]) =>
    tensorData[type](shape.reduce((n, dim) => n * dim, 1)).map((data) => ({ name, type, dims: shape, data })),
  );

const value = fc.record({
  name: text,
  type: fc.constantFrom(...(Object.keys(tensorData) as DataType[])),
  dims: fc.array(fc.oneof(fc.nat(), text), { maxLength: 4 }),
});

/** Names that objects have by birth would not survive as keys of a plain object, in any library. */
const key = text.filter((name) => name !== '__proto__');

const { graph } = fc.letrec<{ graph: OnnxGraph; attribute: OnnxAttribute }>((tie) => ({
  attribute: fc.oneof(
    { depthSize: 'small' },
    int.map((v): OnnxAttribute => ({ kind: 'int', value: v })),
    fc.array(int, { maxLength: 4 }).map((v): OnnxAttribute => ({ kind: 'ints', value: v })),
    single.map((v): OnnxAttribute => ({ kind: 'float', value: v })),
    fc.array(single, { maxLength: 4 }).map((v): OnnxAttribute => ({ kind: 'floats', value: v })),
    text.map((v): OnnxAttribute => ({ kind: 'string', value: v })),
    fc.array(text, { maxLength: 3 }).map((v): OnnxAttribute => ({ kind: 'strings', value: v })),
    tensor.map((v): OnnxAttribute => ({ kind: 'tensor', value: v })),
    tie('graph').map((v): OnnxAttribute => ({ kind: 'graph', value: v })),
  ),
  graph: fc.record({
    name: text,
    nodes: fc.array(
      fc.record({
        op: text,
        name: text,
        inputs: fc.array(text, { maxLength: 3 }),
        outputs: fc.array(text, { maxLength: 3 }),
        attributes: fc.dictionary(key, tie('attribute'), { maxKeys: 3, noNullPrototype: true }),
        domain: text,
      }),
      { minLength: 1, maxLength: 3, depthIdentifier: 'graph' },
    ),
    initialisers: fc.array(tensor, { maxLength: 2 }),
    inputs: fc.array(value, { maxLength: 2 }),
    outputs: fc.array(value, { maxLength: 2 }),
  }),
}));
const model: fc.Arbitrary<OnnxModel> = fc.record({
  irVersion: fc.nat(),
  opset: fc.nat(),
  producer: text,
  graph,
  metadata: fc.dictionary(key, text, { maxKeys: 3, noNullPrototype: true }),
});

describe('writing and reading back', () => {
  it('gives the same model: every kind of attribute, tensors, subgraphs, metadata', () => {
    fc.assert(
      fc.property(model, (written) => {
        expect(readOnnx(writeOnnx(written))).toEqual(written);
      }),
      { numRuns: 120, seed: 1 },
    );
  });

  it('gives the same streaming graph of the flagship, symbolic sizes and all', () => {
    const config = unet1dLstmConfig.parse({ window: 64, channels: [4, 6], strides: [2, 2], hidden: 4 });
    const { weights, buffers } = describeModel(unet1dLstm, config);
    const variables = { weights: initialVector(weights, 1), buffers: initialVector(buffers, 1) };
    const written = toModel(streamingGraph(unet1dLstm, config, variables).graph, 17, {
      family: 'unet1d-lstm',
    });
    const read = readOnnx(writeOnnx(written));
    expect(read).toEqual(written);
    expect(read.graph.inputs[0]).toEqual({ name: 'audio', type: 'float32', dims: ['batch', '32*frames'] });
  });

  it('gives the same training graph, with its loops', () => {
    const { buildLoss, batch } = modelN(2, 3);
    const written = toModel(trainingGraph(buildLoss, describeBuild(batch, buildLoss), { batch }));
    expect(readOnnx(writeOnnx(written))).toEqual(written);
    expect(JSON.stringify(written.graph.nodes.map(({ op }) => op))).toContain('Scan');
  });

  it('is the same from a view into a larger buffer', () => {
    const bytes = writeOnnx(
      toModel(trainingGraph(modelN(1, 2).buildLoss, describeBuild(1, modelN(1, 2).buildLoss), { batch: 1 })),
    );
    const larger = new Uint8Array(bytes.length + 7);
    larger.set(bytes, 3);
    expect(readOnnx(larger.subarray(3, 3 + bytes.length))).toEqual(readOnnx(bytes));
  });
});
