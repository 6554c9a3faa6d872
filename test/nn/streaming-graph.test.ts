import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { unet1dLstm } from '../../models/unet1d-lstm.js';
import { createSession, floatTensor, type InferenceSession, type Tensor } from '../../src/engine/runtime.js';
import { toModel } from '../../src/graph/onnx/envelope.js';
import { writeOnnx } from '../../src/graph/onnx/write.js';
import { count, initialVector } from '../../src/nn/model-builder.js';
import { offlineGraph } from '../../src/nn/offline-graph.js';
import { describeModel, streamingGraph } from '../../src/nn/streaming-graph.js';
import { livelyVariables, noise, smallDescription, smallFlagship } from '../support/flagship.js';
import { runScript } from '../support/run-script.js';

const HOP = 32;
const FRAMES = 24;
const variables = livelyVariables(1);
const checkpoint = writeOnnx(toModel(streamingGraph(unet1dLstm, smallFlagship, variables).graph));

type State = Record<string, Tensor>;
const silence = (batch: number): State =>
  Object.fromEntries(
    smallDescription.states.map(({ name, shape }) => [
      name,
      floatTensor(new Float32Array(batch * count(shape)), [batch, ...shape]),
    ]),
  );

let session: InferenceSession;
beforeAll(async () => {
  session = await createSession(checkpoint);
});
afterAll(() => session.release());

/** Runs `audio` of `batch` streams, side by side in one array, in chunks of the given numbers of frames. */
async function stream(audio: readonly Float32Array[], chunks: readonly number[]): Promise<Float32Array[]> {
  const batch = audio.length;
  let state = silence(batch);
  const clean = audio.map(({ length }) => new Float32Array(length));
  let at = 0;
  for (const frames of chunks) {
    const samples = frames * HOP;
    const chunk = new Float32Array(batch * samples);
    audio.forEach((x, i) => {
      chunk.set(x.subarray(at, at + samples), i * samples);
    });
    const outputs = await session.run({ audio: floatTensor(chunk, [batch, samples]), ...state });
    expect(outputs.clean.dims).toEqual([batch, samples]);
    const numbers = outputs.clean.data as Float32Array;
    clean.forEach((y, i) => {
      y.set(numbers.subarray(i * samples, (i + 1) * samples), at);
    });
    state = Object.fromEntries(Object.keys(state).map((name) => [name, outputs[`${name}.next`]]));
    at += samples;
  }
  return clean;
}

const largestDifference = (a: Float32Array, b: Float32Array): number =>
  a.reduce((largest, v, i) => Math.max(largest, Math.abs(v - b[i])), 0);

/** Cuts of all frames into chunks of any sizes. */
const chunkings = fc
  .array(fc.integer({ min: 1, max: FRAMES }), { minLength: 1, maxLength: FRAMES })
  .map((sizes) => {
    const chunks: number[] = [];
    let left = FRAMES;
    for (let i = 0; left > 0; i++) {
      chunks.push(Math.min(left, sizes[i % sizes.length]));
      left -= chunks[i];
    }
    return chunks;
  });

describe('a stream of the flagship', () => {
  it('equals the offline graph at every chunking', async () => {
    const audio = noise(FRAMES * HOP, 2);
    const graph = offlineGraph(unet1dLstm, smallFlagship, variables, { batch: 1, frames: FRAMES });
    const offlineSession = await createSession(writeOnnx(toModel(graph)));
    const { clean } = await offlineSession.run({ audio: floatTensor(audio, [1, audio.length]) });
    await offlineSession.release();
    const offline = clean.data as Float32Array;
    expect(largestDifference(offline, audio), 'the model does something').toBeGreaterThan(0.01);
    for (const chunks of [Array<number>(FRAMES).fill(1), [FRAMES], [1, FRAMES - 1], [5, 5, 5, 5, 4]])
      expect(largestDifference((await stream([audio], chunks))[0], offline), `${chunks}`).toBeLessThan(2e-6);
    await fc.assert(
      fc.asyncProperty(chunkings, async (chunks) => {
        expect(largestDifference((await stream([audio], chunks))[0], offline)).toBeLessThan(2e-6);
      }),
      { numRuns: 20, seed: 1 },
    );
  });

  it('is not disturbed by the streams beside it in a batch', async () => {
    const audio = [noise(FRAMES * HOP, 3), noise(FRAMES * HOP, 4, 0.9), new Float32Array(FRAMES * HOP)];
    const together = await stream(audio, [7, 7, 7, 3]);
    for (const [i, x] of audio.entries()) {
      const [alone] = await stream([x], [7, 7, 7, 3]);
      expect(largestDifference(together[i], alone)).toBeLessThan(2e-6);
    }
  });

  it('hears nothing of the future: samples after a frame do not change what came out before', async () => {
    const audio = noise(FRAMES * HOP, 5);
    const changed = audio.slice();
    changed.fill(0.7, 10 * HOP);
    const [a] = await stream([audio], [FRAMES]);
    const [b] = await stream([changed], [FRAMES]);
    expect(b.subarray(0, 10 * HOP)).toEqual(a.subarray(0, 10 * HOP));
    expect(largestDifference(a, b)).toBeGreaterThan(0.01);
  });

  it('remembers: the same chunk after another past comes out otherwise', async () => {
    const tail = noise(8 * HOP, 6);
    const tailAfter = async (past: Float32Array) => {
      const [clean] = await stream([Float32Array.of(...past, ...tail)], [8, 8]);
      return clean.subarray(12 * HOP);
    };
    const [quiet, loud] = [
      await tailAfter(new Float32Array(8 * HOP)),
      await tailAfter(noise(8 * HOP, 7, 0.9)),
    ];
    expect(largestDifference(quiet, loud)).toBeGreaterThan(1e-4);
  });

  it('untrained it passes audio through, exactly `latency` late', async () => {
    const { weights, buffers } = describeModel(unet1dLstm, smallFlagship);
    const fresh = { weights: initialVector(weights, 3), buffers: initialVector(buffers, 3) };
    // The last layer alone makes the mask: with its weights at 0 and its bias at 1 + 0i nothing is changed.
    let at = 0;
    for (const { name, shape } of weights) {
      if (name === 'decoder.0.weight') fresh.weights.fill(0, at, at + count(shape));
      at += count(shape);
    }
    const graph = offlineGraph(unet1dLstm, smallFlagship, fresh, { batch: 1, frames: FRAMES });
    const identity = await createSession(writeOnnx(toModel(graph)));
    const impulse = new Float32Array(FRAMES * HOP);
    impulse[37] = 1;
    const { clean } = await identity.run({ audio: floatTensor(impulse, [1, impulse.length]) });
    await identity.release();
    const latency = unet1dLstm.latency(smallFlagship);
    // The spectra leave out the Nyquist bin, which an impulse has: it comes back without that bin's share.
    const numbers = clean.data as Float32Array;
    expect(numbers.indexOf(Math.max(...numbers))).toBe(37 + latency);
    const smooth = Float32Array.from({ length: FRAMES * HOP }, (_, n) => Math.sin(0.3 * n));
    const again = await createSession(writeOnnx(toModel(graph)));
    const through = (await again.run({ audio: floatTensor(smooth, [1, smooth.length]) })).clean
      .data as Float32Array;
    await again.release();
    expect(largestDifference(through.subarray(2 * HOP), smooth.subarray(2 * HOP - latency))).toBeLessThan(
      2e-3,
    );
  });
});

describe('the checkpoint in any ONNX runtime', () => {
  it('runs in a bare script that knows the contract only', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'denoise-bare-'));
    try {
      const audio = noise(FRAMES * HOP, 9);
      writeFileSync(join(folder, 'model.onnx'), checkpoint);
      writeFileSync(join(folder, 'audio.f32'), audio);
      const runtime = createRequire(import.meta.url).resolve('onnxruntime-node');
      const result = await runScript(
        `
        import { createRequire } from 'node:module';
        import { readFileSync } from 'node:fs';
        const { InferenceSession, Tensor } = createRequire(import.meta.url)(${JSON.stringify(runtime)});
        const [folder, hop] = [process.argv[2], Number(process.argv[3])];
        const session = await InferenceSession.create(folder + '/model.onnx');
        const audio = new Float32Array(Uint8Array.from(readFileSync(folder + '/audio.f32')).buffer);
        const size = (shape) => shape.map((n) => (typeof n === 'number' ? n : 1));
        let state = {};
        for (const { name, shape } of session.inputMetadata)
          if (name !== 'audio')
            state[name] = new Tensor('float32', new Float32Array(size(shape).reduce((a, b) => a * b, 1)), size(shape));
        const clean = [];
        for (let at = 0; at < audio.length; at += hop) {
          const out = await session.run({ audio: new Tensor('float32', audio.slice(at, at + hop), [1, hop]), ...state });
          clean.push(...out.clean.data);
          for (const name of Object.keys(state)) state[name] = out[name + '.next'];
        }
        console.log(JSON.stringify(clean));
        `,
        [folder, `${HOP}`],
      );
      const [expected] = await stream([audio], [FRAMES]);
      expect(largestDifference(Float32Array.from(JSON.parse(result) as number[]), expected)).toBeLessThan(
        2e-6,
      );
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
