import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Checkpoint, writeCheckpoint } from '../../models/checkpoint.js';
import { familyByName } from '../../models/families.js';
import { knownDevices, parseDevice } from '../../src/engine/device.js';
import { Model } from '../../src/engine/model.js';
import { DenoiseError, ModelError } from '../../src/errors.js';
import { Graph } from '../../src/graph/graph.js';
import { toModel } from '../../src/graph/onnx/envelope.js';
import { writeOnnx } from '../../src/graph/onnx/write.js';
import { initialVector } from '../../src/nn/model-builder.js';
import { describeModel } from '../../src/nn/streaming-graph.js';
import { roughCheckpoint, testSignal } from '../support/tiny-model.js';

/** A foreign file: no metadata of ours, a fixed hop, one state; clean = (audio + previous chunk) / 2. */
function foreignModel(metadata: Record<string, string> = {}): Uint8Array {
  const g = new Graph();
  const audio = g.input('audio', [1, 32]);
  const before = g.input('state.before', [1, 32]);
  const sum = g.emit1('Add', [audio, before], [1, 32]);
  g.output('clean', g.emit1('Mul', [sum, g.scalar(0.5)], [1, 32]));
  g.output('state.before.next', audio);
  return writeOnnx(toModel(g, undefined, metadata));
}

/** The flagship at its real size as training starts it: the mask is near 1. */
function untrained(): Uint8Array {
  const family = familyByName('unet1d-lstm');
  const config = family.configSchema.parse({});
  const { weights, buffers } = describeModel(family, config);
  const variables = { weights: initialVector(weights, 3), buffers: initialVector(buffers, 3) };
  return writeCheckpoint(family, config, variables, { name: 'untrained' });
}

describe('Model', () => {
  it('says what it is and what computes', async () => {
    const model = await Model.fromBytes(roughCheckpoint(), { device: 'auto' });
    expect(model.device).toBe('cpu');
    expect(model.info).toMatchObject({
      family: 'unet1d-lstm',
      name: 'rough',
      sampleRate: 16000,
      hop: 32,
      latencySamples: 32,
    });
    expect(model.info.hash).toMatch(/^[0-9a-f]{64}$/);
    await model.close();
  });

  it('deals streams to several threads, with equal results', async () => {
    const model = await Model.fromBytes(roughCheckpoint(), { workers: 2 });
    const audio = testSignal(2000);
    const outputs = await Promise.all(
      [0, 1, 2].map(async () => [...(await model.createStream().process(audio))]),
    );
    expect(outputs[1]).toEqual(outputs[0]);
    expect(outputs[2]).toEqual(outputs[0]);
    await model.close();
  });

  it('puts an impulse exactly where latencySamples says', async () => {
    // An untrained flagship passes its input through but for small mask errors, so the impulse stays the peak.
    const model = await Model.fromBytes(untrained());
    const raw = new Float32Array(2048);
    raw[700] = 0.9;
    const aligned = await model.createStream().process(raw);
    const peak = aligned.reduce(
      (best, value, i) => (Math.abs(value) > Math.abs(aligned[best]) ? i : best),
      0,
    );
    expect(peak).toBe(700);
    expect(aligned).toHaveLength(2048 - model.info.latencySamples);
    expect(((model.info.latencySamples + model.info.hop) / model.info.sampleRate) * 1000).toBeLessThanOrEqual(
      40,
    );
    await model.close();
  });

  it('runs foreign files that fit the contract', async () => {
    const model = await Model.fromBytes(foreignModel({ sample_rate: '8000', latency: '0' }));
    expect(model.info).toMatchObject({ hop: 32, sampleRate: 8000, latencySamples: 0, family: '' });
    const audio = testSignal(100);
    const denoiser = model.createStream();
    const clean = [...(await denoiser.process(audio)), ...(await denoiser.flush())];
    expect(clean).toHaveLength(100);
    for (let i = 0; i < 100; i++)
      expect(clean[i]).toBeCloseTo((audio[i] + (i < 32 ? 0 : audio[i - 32])) / 2, 6);
    await model.close();
  });

  it('refuses what is no denoiser, in one sentence', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'denoise-'));
    const path = join(folder, 'broken.onnx');
    writeFileSync(path, roughCheckpoint().subarray(0, 1000));
    await expect(Model.load(path)).rejects.toMatchObject({ code: 'E_CHECKPOINT_CORRUPT' });
    writeFileSync(path, 'not a model');
    await expect(Model.load(path)).rejects.toBeInstanceOf(ModelError);
    await expect(Model.load(join(folder, 'absent.onnx'))).rejects.toMatchObject({ code: 'E_NO_MODEL' });
    await expect(Model.load(folder)).rejects.toBeInstanceOf(DenoiseError);
    const g = new Graph();
    g.output('y', g.emit1('Neg', [g.input('x', [1, 2])], [1, 2]));
    await expect(Model.fromBytes(writeOnnx(toModel(g)))).rejects.toMatchObject({
      code: 'E_CHECKPOINT_CONTRACT',
    });
    await expect(Model.fromBytes(foreignModel({ hop: '-3' }))).rejects.toMatchObject({
      code: 'E_CHECKPOINT_CONTRACT',
    });
  });

  it('never crashes on a damaged checkpoint', () => {
    const good = roughCheckpoint();
    const damage = fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(damage, fc.nat(good.length), (changes, length) => {
        const bad = good.slice(0, length);
        for (const [at, value] of changes) if (at < length) bad[at] = value;
        try {
          Checkpoint.parse(bad);
        } catch (error) {
          expect(error).toBeInstanceOf(ModelError);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('can be closed while it computes: the process lives on', async () => {
    const model = await Model.fromBytes(untrained());
    const call = model.createStream().process(testSignal(16_000 * 60));
    const refused = expect(call).rejects.toMatchObject({ code: 'E_INFERENCE' });
    await model.close();
    await refused;
  });

  it('fails calls of a closed model instead of hanging', async () => {
    const model = await Model.fromBytes(roughCheckpoint());
    const denoiser = model.createStream();
    await model.close();
    await expect(denoiser.process(testSignal(500))).rejects.toMatchObject({ code: 'E_INFERENCE' });
  });
});

describe('devices', () => {
  it('knows the CPU and says which device is absent', async () => {
    expect(knownDevices()).toContain('cpu');
    expect(parseDevice('CPU')).toBe('cpu');
    expect(() => parseDevice('tpu')).toThrow(/no device "tpu"/);
    const absent = (['coreml', 'dml'] as const).find((device) => !knownDevices().includes(device));
    if (absent !== undefined)
      await expect(Model.fromBytes(roughCheckpoint(), { device: absent })).rejects.toMatchObject({
        code: 'E_DEVICE_ABSENT',
      });
  });
});
