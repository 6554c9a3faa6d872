import { describe, expect, it } from 'vitest';
import { Checkpoint } from '../../models/checkpoint.js';
import { hopGraph } from '../../models/hop-graph.js';
import { createSession, floatTensor } from '../../src/engine/runtime.js';
import { readOnnx } from '../../src/graph/onnx/read.js';
import { writeOnnx } from '../../src/graph/onnx/write.js';
import { count } from '../../src/nn/model-builder.js';
import { Random } from '../../src/random.js';
import { conformanceCases } from '../support/conformance-cases.js';
import { roughCheckpoint } from '../support/tiny-model.js';

describe.each(conformanceCases)('the hop of $family $label', ({ family, settings }) => {
  it('is what the checkpoint itself gives, for two streams over three hops', async () => {
    const batch = 2;
    const bytes = roughCheckpoint(family, settings);
    const { hop, states } = Checkpoint.parse(bytes).info;
    const laid = hopGraph(bytes, batch);
    if (states.length === 0) return expect(laid).toBeUndefined();
    const [whole, single] = [await createSession(bytes), await createSession(laid!)];
    const random = new Random(4);
    const width = states.reduce((sum, { shape }) => sum + count(shape), 0);
    let packed = new Float32Array(batch * width);
    let apart = Object.fromEntries(
      states.map(({ name, shape }) => [
        name,
        floatTensor(new Float32Array(batch * count(shape)), [batch, ...shape]),
      ]),
    );
    for (let step = 0; step < 3; step++) {
      const samples = Float32Array.from({ length: batch * hop }, () => 0.3 * random.normal());
      const audio = floatTensor(samples, [batch, hop]);
      const expected = await whole.run({ audio, ...apart });
      const given = await single.run({ audio, state: floatTensor(packed, [batch, width]) });
      apart = Object.fromEntries(
        states.map(({ name, shape }) => [
          name,
          floatTensor((expected[`${name}.next`].data as Float32Array).slice(), [batch, ...shape]),
        ]),
      );
      packed = (given['state.next'].data as Float32Array).slice();
      const clean = given.clean.data as Float32Array;
      (expected.clean.data as Float32Array).forEach((value, i) => {
        expect(Math.abs(clean[i] - value)).toBeLessThan(1e-4);
      });
    }
    await Promise.all([whole.release(), single.release()]);
  });
});

it('leaves files of other programs as they are', () => {
  const bytes = roughCheckpoint(conformanceCases[0].family, conformanceCases[0].settings);
  const { metadata: sealed, ...model } = readOnnx(bytes);
  const { checksum: _, ...rest } = sealed;
  // Of the time before checksums.
  const metadata = { ...rest, format: '1' };
  expect(Object.keys(metadata)).toContain('family');
  const foreign = writeOnnx({ ...model, metadata: { hop: rest.hop } });
  expect(hopGraph(foreign, 1)).toBeUndefined();
  const unknown = writeOnnx({ ...model, metadata: { ...metadata, family: 'of-a-later-version' } });
  expect(hopGraph(unknown, 1)).toBeUndefined();
});
