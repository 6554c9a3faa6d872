import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Checkpoint } from '../../models/checkpoint.js';
import { resolveJob } from '../training/run/resolve-job.js';
import { trainInThread } from '../training/run/training-thread.js';
import { clipsInMemory } from './clips-in-memory.js';
import type { Corpus } from './replay.js';
import { HELD_OUT, SEED } from './retune-training.js';

const SECONDS = 40;
/**
 * Steps laid out for each second: what one core of a quiet machine makes of `base`. So the rate comes down to zero in time, and
 * where there is time enough the result does not depend on the clock.
 */
const STEPS_PER_SECOND = 6;
/** The ratio varies by so much around that of the recording, dB. */
const SPREAD_DB = 8;

/** @param noise what is trained on, and what the best epoch is chosen by, `[time]` each */
export async function trainOnRecording(
  champion: Checkpoint,
  [trained, choice]: readonly [Float32Array, Float32Array],
  snrDb: number,
  corpus: Corpus<'speech' | 'noise'>,
  rate: number,
  { seconds = SECONDS, signal }: { seconds?: number; signal?: AbortSignal },
): Promise<{ steps: number; tuned: Checkpoint }> {
  const folder = mkdtempSync(join(tmpdir(), 'denoise-adapt-'));
  try {
    const model = join(folder, 'champion.onnx');
    writeFileSync(model, champion.bytes);
    const epochs = Math.max(1, Math.round((seconds * STEPS_PER_SECOND) / ADAPT_SETTINGS.stepsPerEpoch));
    const job = resolveJob(
      {
        ...{ task: 'denoise', model, device: 'cpu' },
        set: { ...ADAPT_SETTINGS, epochs, threads: threads(), ...at(snrDb) },
      },
      champion.info.family,
    );
    const captured = clipsInMemory(rate, { 'train.wav': trained, 'choice.wav': choice });
    const result = await trainInThread(job, {
      folder: join(folder, 'run'),
      budget: { seconds },
      finishPaused: true,
      data: { speech: corpus.speech, noise: corpus.noise, captured },
      signal,
    });
    return { steps: result.steps, tuned: Checkpoint.parse(readFileSync(result.model!)) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Found by measurement: docs/online.md. */
const ADAPT_SETTINGS = {
  seed: SEED,
  lr: 5e-4,
  schedule: 'cosine',
  warmup: 0.1,
  minimumLr: 1e-6,
  averageDecay: 0.98,
  batch: 4,
  seconds: 2,
  stepsPerEpoch: 20,
  validationBatches: 4,
  heldOut: HELD_OUT,
  replay: 0.15,
  loss: 'voice',
  cleanOnly: 0.05,
  noiseOnly: 0.1,
  reverberation: 0.15,
};

const at = (snrDb: number) => ({
  snrDb: [snrDb - SPREAD_DB, snrDb + SPREAD_DB],
  // What the level of a recording is brought to.
  levelDb: [-30, -16],
});

const threads = (): number => Math.min(2, availableParallelism());
