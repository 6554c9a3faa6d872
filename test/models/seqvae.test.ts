import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seqvae, seqvaeConfig } from '../../models/seqvae.js';
import { NoiseGenerator } from '../../src/engine/noise-generator.js';
import { Random } from '../../src/random.js';
import { bandFrames, longTermDistance, longTermPower } from '../../src/training/data/noise-bands.js';
import { Trainer } from '../../src/training/loop/trainer.js';
import { resolveJob } from '../../src/training/run/resolve-job.js';
import { runTraining } from '../../src/training/run/training-run.js';
import { scheduleConfigSchema } from '../../src/training/schedule/create-schedule.js';
import { denoiseTraining } from '../../src/training/tasks/denoise-training.js';
import { divergenceWeight, seqvaeTraining } from '../../src/training/tasks/seqvae-training.js';
import { checkLossGradients } from '../support/family-gradients.js';
import { roughCheckpoint } from '../support/tiny-model.js';
import { writeWav } from '../training/data/synthetic-audio.js';

const CONFIG = seqvaeConfig.parse({
  window: 64,
  bands: 8,
  frames: 16,
  hidden: 8,
  latent: 16,
  codes: 32,
  encoderDropout: 0.1,
  decoderDropout: 0.1,
});

/** Noise through a resonance at `turns` per sample, swelling slowly. */
function colouredNoise(samples: number, turns: number, seed: number): Float32Array {
  const random = new Random(seed);
  const noise = new Float32Array(samples);
  const [a, b] = [2 * 0.9 * Math.cos(2 * Math.PI * turns), -0.81];
  for (let n = 2; n < samples; n++) {
    const swell = 0.1 * (1 + 0.7 * Math.sin(n / 700));
    noise[n] = a * noise[n - 1] + b * noise[n - 2] + swell * random.normal();
  }
  return noise;
}

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'denoise-seqvae-'));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

describe('the sequential auto-encoder', () => {
  it('weighs the divergence as the guide does', () => {
    expect(divergenceWeight(0)).toBeCloseTo(0.0067, 4);
    expect(divergenceWeight(500)).toBe(0.5);
    expect(divergenceWeight(1000)).toBeCloseTo(0.9933, 4);
  });

  it.each(['last', 'all'] as const)('has the gradient of its loss, code from %s', async (code) => {
    const recordings = [await bandFrames(colouredNoise(4000, 0.1, 1), CONFIG)];
    const config = { ...CONFIG, frames: 4, code };
    const task = seqvaeTraining({ config, recordings, batch: 2, stepsPerEpoch: 1, seed: 1 });
    await checkLossGradients(task.buildLoss, task.specs, 2, 'scan');
  });

  it('gives frames back better the longer it is trained', async () => {
    const recordings = [await bandFrames(colouredNoise(20_000, 0.1, 1), CONFIG)];
    const task = seqvaeTraining({
      config: CONFIG,
      recordings,
      validation: recordings,
      batch: 16,
      stepsPerEpoch: 20,
      seed: 1,
    });
    const trainer = await Trainer.create(task, {
      epochs: 4,
      seed: 1,
      schedule: scheduleConfigSchema.parse({ schedule: 'constant', lr: 0.01 }),
    });
    const reconstruction: number[] = [];
    await trainer.run(
      (event) => event.kind === 'epoch' && reconstruction.push(event.outputs!.reconstruction),
    );
    await trainer.close();
    // Predicting the mean of every band has an error of 1; independent fluctuations of noise cannot be predicted.
    expect(reconstruction[0]).toBeLessThan(1.2);
    expect(reconstruction[3]).toBeLessThan(0.97 * reconstruction[0]);
  });

  it('synthesises noise closer to what it heard than to another noise, the same for the same seed', async () => {
    const heard = colouredNoise(20_000, 0.1, 1);
    writeWav(join(root, 'noise/hum.wav'), [heard], CONFIG.sampleRate);
    const model = Object.fromEntries(Object.entries(CONFIG).map(([key, value]) => [`model.${key}`, value]));
    const set = { ...model, epochs: 30, batch: 16, heldOut: 0.2 };
    const job = resolveJob({ task: 'noise-model', noise: join(root, 'noise'), device: 'cpu', set }, 'seqvae');
    const result = await runTraining(job, { folder: join(root, 'run') });
    expect(result).toMatchObject({ finished: true, epochs: 30 });
    expect(result.bestValidationLoss).toBeLessThan(2);
    const bytes = readFileSync(result.model!);
    const generator = await NoiseGenerator.fromBytes(bytes);
    const noise = await generator.generate(20_000, 5);
    expect(await generator.generate(20_000, 5)).toEqual(noise);
    expect(await generator.generate(20_000, 6)).not.toEqual(noise);
    await generator.close();
    const frames = async (samples: Float32Array) => [await bandFrames(samples, CONFIG)];
    const same = longTermDistance(await frames(noise), await frames(colouredNoise(20_000, 0.1, 2)));
    const other = longTermDistance(await frames(noise), await frames(colouredNoise(20_000, 0.3, 2)));
    expect(same).toBeLessThan(1.5);
    expect(other).toBeGreaterThan(6);
  });

  it('refuses what it cannot do', async () => {
    await expect(NoiseGenerator.fromBytes(roughCheckpoint())).rejects.toMatchObject({
      code: 'E_NOT_A_GENERATOR',
    });
    const data = { seed: 1 } as Parameters<typeof denoiseTraining>[0]['training'];
    expect(() =>
      denoiseTraining({
        family: seqvae,
        config: CONFIG,
        batch: 1,
        samples: 64,
        stepsPerEpoch: 1,
        training: data,
      }),
    ).toThrow(expect.objectContaining({ code: 'E_NOT_A_DENOISER' }));
    const short = [await bandFrames(new Float32Array(128).fill(0.1), CONFIG)];
    expect(() =>
      seqvaeTraining({ config: CONFIG, recordings: short, batch: 1, stepsPerEpoch: 1, seed: 1 }),
    ).toThrow(expect.objectContaining({ code: 'E_TOO_SHORT' }));
    await expect(bandFrames(new Float32Array(10), CONFIG)).rejects.toMatchObject({ code: 'E_TOO_SHORT' });
  });
});

describe('long-term spectra', () => {
  it('tell a gain in dB', async () => {
    const noise = colouredNoise(5000, 0.2, 3);
    const loud = await bandFrames(
      noise.map((s) => 2 * s),
      CONFIG,
    );
    const quiet = await bandFrames(noise, CONFIG);
    expect(longTermDistance([loud], [quiet])).toBeCloseTo(20 * Math.log10(2), 3);
    expect(longTermDistance([quiet], [quiet])).toBe(0);
    expect(longTermPower([loud, quiet])[2] / longTermPower([quiet])[2]).toBeCloseTo(2.5, 3);
  });
});
