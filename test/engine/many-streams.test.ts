/** Streams that share a model and a thread. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DenoiserStream } from '../../src/engine/denoiser-stream.js';
import { Model } from '../../src/engine/model.js';
import { Graph } from '../../src/graph/graph.js';
import { toModel } from '../../src/graph/onnx/envelope.js';
import { writeOnnx } from '../../src/graph/onnx/write.js';
import { roughCheckpoint, testSignal } from '../support/tiny-model.js';

const HOPS = 12;

async function hopByHop(stream: DenoiserStream, audio: Float32Array, hop: number): Promise<number[]> {
  const clean: number[] = [];
  for (let at = 0; at < audio.length; at += hop)
    clean.push(...(await stream.process(audio.subarray(at, at + hop))));
  return clean;
}

describe('many streams of one model', () => {
  let model: Model;
  let hop: number;
  let audio: Float32Array[];
  let alone: number[][];

  beforeAll(async () => {
    // The shipped model: rows of matrix products must not depend on how many there are, at its real sizes.
    model = await Model.load('base');
    ({ hop } = model.info);
    audio = Array.from({ length: 37 }, (_, seed) => testSignal(HOPS * hop, seed + 1));
    alone = [];
    for (const one of audio) {
      const stream = model.createStream();
      alone.push(await hopByHop(stream, one, hop));
      stream.close();
    }
  });
  afterAll(() => model.close());

  it.each([2, 3, 8, 37])('%i at a time give, to the bit, what each gives alone', async (count) => {
    const streams = Array.from({ length: count }, () => model.createStream());
    // Beside them a file, to see that it changes nothing.
    const file = model.createStream();
    const [whole] = await Promise.all([
      file.process(audio[0]),
      ...streams.map(
        async (stream, i) => void expect(await hopByHop(stream, audio[i], hop)).toEqual(alone[i]),
      ),
    ]);
    file.reset();
    expect(await file.process(audio[0])).toEqual(whole);
    for (const stream of [...streams, file]) stream.close();
  });

  it('open and close by the thousand, and begin in silence', async () => {
    for (let round = 0; round < 3; round++) {
      const streams = Array.from({ length: 1000 }, () => model.createStream());
      const some = streams.filter((_, i) => i % 250 === 0);
      await Promise.all(
        some.map(async (stream) => void expect(await hopByHop(stream, audio[0], hop)).toEqual(alone[0])),
      );
      for (const stream of streams) stream.close();
    }
  });

  it('are warmed without their output: what follows is what would have followed', async () => {
    const [warmed, plain] = [model.createStream(), model.createStream()];
    const head = audio[0].subarray(0, 5 * hop + 17);
    await warmed.warm(head.subarray(0, 100));
    await warmed.warm(head.subarray(100));
    await plain.process(head.subarray(0, 100));
    await plain.process(head.subarray(100));
    const rest = audio[0].subarray(head.length);
    expect(await warmed.process(rest)).toEqual(await plain.process(rest));
    expect(await warmed.flush()).toEqual(await plain.flush());
    await expect(warmed.warm(rest)).rejects.toMatchObject({ code: 'E_STREAM_ENDED' });
  });
});

describe('a model', () => {
  it('lives until its last user has gone', async () => {
    const model = await Model.fromBytes(roughCheckpoint());
    expect(model.retain()).toBe(model);
    await model.release();
    const stream = model.createStream();
    expect(await stream.process(testSignal(64))).toHaveLength(32);
    await model.release();
    await expect(stream.process(testSignal(64))).rejects.toMatchObject({ code: 'E_INFERENCE' });
    expect(() => model.retain()).toThrow(expect.objectContaining({ code: 'E_MODEL_CLOSED' }));
    await model.release();
  });

  it('that gives NaN fails that stream, by name, and no other', async () => {
    // clean = √audio: NaN where a sample is negative.
    const g = new Graph();
    g.output('clean', g.emit1('Sqrt', [g.input('audio', [1, 4])], [1, 4]));
    const model = await Model.fromBytes(writeOnnx(toModel(g)));
    const [good, bad] = [model.createStream(), model.createStream()];
    const outcomes = await Promise.allSettled([
      bad.process(Float32Array.of(1, -1, 1, 1)),
      good.process(Float32Array.of(1, 4, 9, 0)),
    ]);
    expect(outcomes[0]).toMatchObject({ reason: { name: 'ModelError', code: 'E_MODEL_OUTPUT' } });
    expect(outcomes[1]).toMatchObject({ value: Float32Array.of(1, 2, 3, 0) });
    await model.close();
  });
});
