import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Checkpoint, writeCheckpoint } from '../../models/checkpoint.js';
import { familyByName } from '../../models/families.js';
import { ModelError } from '../../src/errors.js';
import { readOnnx } from '../../src/graph/onnx/read.js';
import { writeOnnx } from '../../src/graph/onnx/write.js';
import { roughCheckpoint, roughVariables, TINY } from '../support/tiny-model.js';

const FIXTURES = fileURLToPath(new URL('../fixtures/checkpoints/', import.meta.url));
const coded = (code: string): unknown => expect.objectContaining({ code });

describe('Checkpoint', () => {
  it.each(readdirSync(FIXTURES))('reads %s of the format that it has', (file) => {
    const bytes = readFileSync(`${FIXTURES}${file}`);
    const { info, ...checkpoint } = Checkpoint.parse(bytes);
    expect(readOnnx(bytes).metadata.format).toBe(/format-(\d+)/.exec(file)![1]);
    expect(info).toMatchObject({ name: 'rough', family: 'unet1d-lstm', sampleRate: 16_000 });
    expect(checkpoint.bytes).toBe(bytes);
    const { variables } = Checkpoint.parse(bytes).variables();
    expect(variables).toEqual(roughVariables('unet1d-lstm', TINY).variables);
  });

  it('notices any byte that changed', () => {
    const good = roughCheckpoint();
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const bad = good.slice();
        bad[at] ^= change;
        expect(() => Checkpoint.parse(bad)).toThrow(ModelError);
      }),
      { numRuns: 300 },
    );
  });

  it('notices a file of a format with a checksum that has none', () => {
    const model = readOnnx(roughCheckpoint());
    const { checksum: _, ...metadata } = model.metadata;
    expect(() => Checkpoint.parse(writeOnnx({ ...model, metadata }))).toThrow(coded('E_CHECKPOINT_CORRUPT'));
    const old = writeOnnx({ ...model, metadata: { ...metadata, format: '1' } });
    expect(Checkpoint.parse(old).info.name).toBe('rough');
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY])('refuses weights of %d, to read and to write', (value) => {
    const model = readOnnx(readFileSync(`${FIXTURES}format-1.onnx`));
    const weight = model.graph.initialisers.find(({ name }) => !/^constant/.test(name))!;
    weight.data[7] = value;
    expect(() => Checkpoint.parse(writeOnnx(model))).toThrow(coded('E_CHECKPOINT_CORRUPT'));
    const { config, variables } = roughVariables('unet1d-lstm', TINY);
    variables.weights[7] = value;
    expect(() => writeCheckpoint(familyByName('unet1d-lstm'), config, variables)).toThrow(
      coded('E_WEIGHTS_NOT_FINITE'),
    );
  });
});
