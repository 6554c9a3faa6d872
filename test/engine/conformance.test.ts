/** What every family and every stream must hold, run over each of them. */
import fc from 'fast-check';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Checkpoint, writeCheckpoint } from '../../models/checkpoint.js';
import { familyByName } from '../../models/families.js';
import type { DenoiserStream } from '../../src/engine/denoiser-stream.js';
import { Model } from '../../src/engine/model.js';
import { createSession, floatTensor } from '../../src/engine/runtime.js';
import { toModel } from '../../src/graph/onnx/envelope.js';
import { writeOnnx } from '../../src/graph/onnx/write.js';
import { offlineGraph } from '../../src/nn/offline-graph.js';
import { conformanceCases } from '../support/conformance-cases.js';
import { roughCheckpoint, roughVariables, testSignal } from '../support/tiny-model.js';

async function stream(
  denoiser: DenoiserStream,
  audio: Float32Array,
  sizes: readonly number[],
): Promise<Float32Array> {
  const parts: Float32Array[] = [];
  let at = 0;
  for (let call = 0; at < audio.length; call++) {
    const size = sizes[call % sizes.length];
    parts.push(await denoiser.process(audio.subarray(at, at + size)));
    at += size;
  }
  parts.push(await denoiser.flush());
  return Float32Array.from(parts.flatMap((part) => [...part]));
}

const largestDifference = (a: Float32Array, b: Float32Array): number => {
  expect(a.length).toBe(b.length);
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i])), 0);
};

describe.each(conformanceCases)('$family $label', ({ family, settings }) => {
  let model: Model;
  const bytes = roughCheckpoint(family, settings);
  const info = Checkpoint.parse(bytes).info;
  const audio = testSignal(20 * info.hop + 3 * Math.ceil(info.hop / 2) + 1);
  let whole: Float32Array;

  beforeAll(async () => {
    model = await Model.fromBytes(bytes);
    whole = await stream(model.createStream(), audio, [audio.length]);
  });
  afterAll(() => model.close());

  it('gives the same samples at every chunking, tail included', async () => {
    const fixed = [[1, 0, 2], [info.hop], [info.hop + 1], [3 * info.hop - 1, 1]];
    for (const sizes of fixed) {
      const part = audio.subarray(0, sizes[0] === 1 ? 6 * info.hop : audio.length);
      const expected = await stream(model.createStream(), part, [part.length]);
      expect(largestDifference(await stream(model.createStream(), part, sizes), expected)).toBeLessThan(1e-4);
    }
    const sizes = fc.array(fc.integer({ min: 1, max: 4 * info.hop }), { minLength: 1, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(sizes, async (s) => {
        expect(largestDifference(await stream(model.createStream(), audio, s), whole)).toBeLessThan(1e-4);
      }),
      { numRuns: 8 },
    );
  });

  it('streams what the offline graph gives', async () => {
    const { config, variables } = roughVariables(family, settings);
    const frames = Math.floor(audio.length / info.hop);
    const graph = offlineGraph(familyByName(family), config, variables, { batch: 1, frames });
    const session = await createSession(writeOnnx(toModel(graph)));
    const samples = frames * info.hop;
    const { clean } = await session.run({ audio: floatTensor(audio.slice(0, samples), [1, samples]) });
    const aligned = (clean.data as Float32Array).subarray(info.latencySamples);
    expect(largestDifference(Float32Array.from(aligned), whole.slice(0, aligned.length))).toBeLessThan(1e-4);
  });

  it('keeps streams apart, clones in the middle, and forgets everything on reset', async () => {
    const half = Math.floor(audio.length / 2) + 5;
    const first = model.createStream();
    const other = model.createStream();
    const head = await first.process(audio.subarray(0, half));
    await other.process(testSignal(half, 99));
    const twin = first.clone();
    await twin.process(testSignal(3 * info.hop, 5));
    const tail = [await first.process(audio.subarray(half)), await first.flush()];
    const joined = Float32Array.from([head, ...tail].flatMap((part) => [...part]));
    expect(largestDifference(joined, whole)).toBeLessThan(1e-4);

    first.reset();
    expect(largestDifference(await stream(first, audio, [777]), whole)).toBeLessThan(1e-4);

    other.reset();
    await other.process(audio.subarray(0, half));
    const copy = other.clone();
    const [a, b] = [await other.process(audio.subarray(half)), await copy.process(audio.subarray(half))];
    expect(largestDifference(a, b)).toBe(0);
  });

  it('gives a batch what it gives each of its rows', async () => {
    const session = await createSession(bytes);
    const samples = 4 * info.hop;
    const rows = [testSignal(samples, 1), testSignal(samples, 2), testSignal(samples, 3)];
    const run = async (batch: Float32Array[]): Promise<Float32Array> => {
      const inputs: Record<string, Tensor> = {
        audio: floatTensor(Float32Array.from(batch.flatMap((row) => [...row])), [batch.length, samples]),
      };
      for (const { name, shape } of info.states) {
        const dims = [batch.length, ...shape];
        inputs[name] = floatTensor(new Float32Array(dims.reduce((x, y) => x * y, 1)), dims);
      }
      return (await session.run(inputs)).clean.data as Float32Array;
    };
    const together = await run(rows);
    for (const [i, row] of rows.entries())
      expect(
        largestDifference(await run([row]), together.slice(i * samples, (i + 1) * samples)),
      ).toBeLessThan(1e-5);
  });

  it('is read back from its checkpoint with the same weights', () => {
    const { variables } = roughVariables(family, settings);
    const read = Checkpoint.parse(bytes).variables();
    expect(read.family.name).toBe(family);
    expect(read.variables).toEqual(variables);
    expect(writeCheckpoint(read.family, read.config, read.variables, { name: 'rough' })).toEqual(bytes);
    expect(info.parameters).toBe(variables.weights.length + variables.buffers.length);
  });

  it('runs in a bare runtime that knows only the contract', async () => {
    const session = await InferenceSession.create(bytes);
    const states = Object.fromEntries(
      info.states.map(({ name, shape }) => [
        name,
        new Tensor('float32', new Float32Array(shape.reduce((x, y) => x * y, 1)), [1, ...shape]),
      ]),
    );
    let clean: number[] = [];
    let state: Record<string, Tensor> = states;
    for (let at = 0; at + info.hop <= 8 * info.hop; at += info.hop) {
      const audioTensor = new Tensor('float32', audio.slice(at, at + info.hop), [1, info.hop]);
      const outputs = await session.run({ audio: audioTensor, ...state });
      clean = [...clean, ...(outputs.clean.data as Float32Array)];
      state = Object.fromEntries(info.states.map(({ name }) => [name, outputs[`${name}.next`] as Tensor]));
    }
    const aligned = Float32Array.from(clean.slice(info.latencySamples));
    expect(largestDifference(aligned, whole.slice(0, aligned.length))).toBeLessThan(1e-4);
  });

  it('survives NaN and infinity, and counts them', async () => {
    const dirty = audio.slice();
    dirty[10] = Number.NaN;
    dirty[5 * info.hop] = Number.POSITIVE_INFINITY;
    const denoiser = model.createStream();
    const clean = await stream(denoiser, dirty, [500]);
    expect(clean.every(Number.isFinite)).toBe(true);
    expect(denoiser.invalidSamples).toBe(2);
  });

  it('takes empty recordings and ones shorter than a hop', async () => {
    const denoiser = model.createStream();
    expect(await denoiser.process(new Float32Array(0))).toHaveLength(0);
    expect(await denoiser.flush()).toHaveLength(0);
    denoiser.reset();
    expect(await stream(denoiser, audio.subarray(0, 3), [2])).toHaveLength(3);
    await expect(denoiser.process(audio)).rejects.toMatchObject({ code: 'E_STREAM_ENDED' });
  });
});
