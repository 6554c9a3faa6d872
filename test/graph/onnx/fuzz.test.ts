import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { modelN } from '../../../scripts/bench/prototype-models.js';
import { ModelError } from '../../../src/errors.js';
import { toModel } from '../../../src/graph/onnx/envelope.js';
import type { OnnxGraph, OnnxModel } from '../../../src/graph/onnx/model.js';
import { readOnnx } from '../../../src/graph/onnx/read.js';
import { writeOnnx } from '../../../src/graph/onnx/write.js';
import { describeBuild } from '../../../src/nn/streaming-graph.js';
import { trainingGraph } from '../../../src/nn/training-graph.js';

const { buildLoss, batch } = modelN(1, 2);
const valid = writeOnnx(
  toModel(trainingGraph(buildLoss, describeBuild(batch, buildLoss), { batch }), 17, { family: 'lstm' }),
);
// Without the weights, so that mutations hit structure and not numbers.
const structure = ((): Uint8Array => {
  const model = readOnnx(valid);
  const small = model.graph.initialisers.filter(({ data }) => data.length < 16);
  return writeOnnx({ ...model, graph: { ...model.graph, initialisers: small } });
})();

/** What a reader may do with any bytes: give a model or refuse them as corrupt. */
function read(bytes: Uint8Array): OnnxModel | undefined {
  try {
    return readOnnx(bytes);
  } catch (error) {
    expect(error).toBeInstanceOf(ModelError);
    expect((error as ModelError).code).toBe('E_CHECKPOINT_CORRUPT');
    return undefined;
  }
}

describe('the reader on damaged files', () => {
  it('cut off anywhere: refuses or reads what is whole, never crashes', () => {
    for (let length = 0; length < structure.length; length += 7) {
      const model = read(structure.subarray(0, length));
      // Whole fields may be missing at a cut between them, but the graph itself is one field.
      if (model !== undefined) expect(model.graph.nodes.length).toBeGreaterThan(0);
    }
    expect(read(new Uint8Array(0))).toBeUndefined();
  });

  it('bytes changed, removed, inserted, repeated', () => {
    const at = fc.nat(structure.length - 1);
    const edit = fc.oneof(
      fc.record({
        kind: fc.constant('set' as const),
        at,
        bytes: fc.uint8Array({ minLength: 1, maxLength: 9 }),
      }),
      fc.record({
        kind: fc.constant('insert' as const),
        at,
        bytes: fc.uint8Array({ minLength: 1, maxLength: 9 }),
      }),
      fc.record({ kind: fc.constant('remove' as const), at, length: fc.integer({ min: 1, max: 64 }) }),
      fc.record({ kind: fc.constant('huge' as const), at }),
    );
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 5 }), (edits) => {
        let bytes: Buffer = Buffer.from(structure);
        for (const e of edits) {
          const [head, tail] = [bytes.subarray(0, e.at), bytes.subarray(e.at)];
          if (e.kind === 'set') Buffer.from(e.bytes).copy(bytes, e.at);
          else if (e.kind === 'insert') bytes = Buffer.concat([head, e.bytes, tail]);
          else if (e.kind === 'remove') bytes = Buffer.concat([head, tail.subarray(e.length)]);
          // A length or size of 2^63 − 1.
          else bytes = Buffer.concat([head, Buffer.from('ffffffffffffffff7f', 'hex'), tail]);
        }
        read(bytes);
      }),
      { numRuns: 1500, seed: 1 },
    );
  });

  it('random bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        expect(read(bytes)?.graph.nodes.length).not.toBe(0);
      }),
      { numRuns: 2000, seed: 2 },
    );
  });

  it('random bytes in place of each part of a model', () => {
    const paths = [
      [7],
      [7, 1],
      [7, 1, 5],
      [7, 1, 5, 5],
      [7, 1, 5, 6],
      [7, 5],
      [7, 11],
      [7, 11, 2],
      [8],
      [14],
    ];
    fc.assert(
      fc.property(fc.constantFrom(...paths), fc.uint8Array({ maxLength: 60 }), (path, bytes) => {
        const wrapped = path.toReversed().reduce<Uint8Array>((inner, number) => field(number, inner), bytes);
        read(Buffer.concat([wrapped, structure]));
      }),
      { numRuns: 2000, seed: 3 },
    );
  });

  it('a tensor that claims more elements than there are is refused before anything is allocated', () => {
    const model = readOnnx(structure);
    const claim = (dims: number[]): OnnxModel => ({
      ...model,
      graph: {
        ...model.graph,
        initialisers: [{ name: 'w', type: 'float32', dims, data: new Float32Array(1) }],
      },
    });
    for (const dims of [
      [2 ** 40],
      [65_536, 65_536],
      [-1],
      [0],
      [2 ** 31, 2 ** 31, 2 ** 31],
      [-1, -1],
      [0, -5],
    ])
      expect(read(writeOnnx(claim(dims))), `dims ${dims}`).toBeUndefined();
  });

  it('graphs nested without end are refused', () => {
    const nest = (depth: number): OnnxGraph => ({
      name: 'g',
      nodes: [
        {
          op: 'If',
          name: '',
          inputs: [],
          outputs: [],
          domain: '',
          attributes: depth === 0 ? {} : { body: { kind: 'graph', value: nest(depth - 1) } },
        },
      ],
      initialisers: [],
      inputs: [],
      outputs: [],
    });
    const model = readOnnx(structure);
    expect(read(writeOnnx({ ...model, graph: nest(8) }))).toBeDefined();
    expect(read(writeOnnx({ ...model, graph: nest(60) }))).toBeUndefined();
  });

  /** A model whose only node has one attribute `a`, a list of ints packed as these bytes. */
  const packedInts = (bytes: Uint8Array): Buffer => {
    const code = Buffer.from([0xa0, 0x01, 7]);
    const attribute = Buffer.concat([field(1, Buffer.from('a')), field(8, bytes), code]);
    return field(7, field(1, field(5, attribute)));
  };

  it('packed integers by the million are read', () => {
    const model = read(packedInts(new Uint8Array(1_000_000).fill(1)));
    const { a } = model!.graph.nodes[0].attributes;
    expect(a.kind === 'ints' && a.value.length).toBe(1_000_000);
  });

  it('a number that never ends is refused at once', () => {
    // Read as one number, a megabyte of continuation bits would take minutes.
    expect(read(packedInts(new Uint8Array(1_000_000).fill(0x80)))).toBeUndefined();
    expect(read(packedInts(Uint8Array.of(1, 0x80)))).toBeUndefined();
  });
});

function field(number: number, bytes: Uint8Array): Buffer {
  return Buffer.concat([varint((number << 3) | 2), varint(bytes.length), bytes]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  while (rest > 127) {
    bytes.push((rest & 127) | 128);
    rest >>>= 7;
  }
  return Buffer.from([...bytes, rest]);
}
