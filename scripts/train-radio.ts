/**
 * Trains a model for radio voice on the pairs that `radio-pairs` made, from a checkpoint on.
 *
 *   node dist/scripts/train-radio.js START.onnx PAIRS_DIR OUT.onnx [--epochs 20] [--steps 250] [--lr 6e-4] [--warmup 0.03]
 *     [--batch 4] [--seconds 2] [--spectral 3] [--sdr 0.02] [--voice-sdr 0.1] [--intelligibility 0] [--seed 1]
 *     [--name radio] [--state RUN.bin] [--config '{"lookahead":1}']
 *
 * `--config` trains a larger model of the same family that starts at what the checkpoint does. OUT.onnx is written after
 * every epoch, with the average of the weights. With `--state` the run can be stopped and started again.
 */
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Checkpoint, writeCheckpoint } from '../models/checkpoint.js';
import { unet1dLstmConfig } from '../models/unet1d-lstm.js';
import { loadPairs } from '../src/training/data/pairs.js';
import type { Trainable } from '../src/training/loop/trainable.js';
import { Trainer } from '../src/training/loop/trainer.js';
import type { EpochEvent } from '../src/training/loop/training-events.js';
import { decodeTrainingState, encodeTrainingState } from '../src/training/loop/training-state.js';
import { describeEvent } from '../src/training/run/describe-event.js';
import { scheduleConfigSchema } from '../src/training/schedule/create-schedule.js';
import { denoiseTraining } from '../src/training/tasks/denoise-training.js';
import { grow } from './radio/grow.js';
import { buildVoiceLoss } from './radio/voice-loss.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    epochs: { type: 'string', default: '20' },
    steps: { type: 'string', default: '250' },
    lr: { type: 'string', default: '6e-4' },
    warmup: { type: 'string', default: '0.03' },
    batch: { type: 'string', default: '4' },
    seconds: { type: 'string', default: '2' },
    spectral: { type: 'string', default: '3' },
    sdr: { type: 'string', default: '0.02' },
    'voice-sdr': { type: 'string', default: '0.1' },
    intelligibility: { type: 'string', default: '0' },
    seed: { type: 'string', default: '1' },
    name: { type: 'string', default: 'radio' },
    state: { type: 'string' },
    config: { type: 'string', default: '{}' },
  },
});
const [startPath, pairsFolder, outPath] = positionals;
if (outPath === undefined) throw new Error('Usage: train-radio START.onnx PAIRS_DIR OUT.onnx [options]');

const VALIDATION_SEED = 99;
const bytes = readFileSync(startPath);
const parent = Checkpoint.parse(bytes);
const start = parent.variables();
const { family } = start;
const startConfig = unet1dLstmConfig.parse(start.config);
const config = unet1dLstmConfig.parse({ ...startConfig, ...JSON.parse(values.config) });
const variables = grow(start.variables, startConfig, config, Number(values.seed));
const sampleRate = family.sampleRate(config);
const hop = family.hop(config);
const samples = Math.floor((Number(values.seconds) * sampleRate) / hop) * hop;
const pairsOf = (folder: string) => loadPairs(join(folder, 'noisy'), join(folder, 'clean'), { sampleRate });
const training = await pairsOf(pairsFolder);
const validation = await pairsOf(join(pairsFolder, 'validation'));
const seed = Number(values.seed);
const weights = {
  spectral: Number(values.spectral),
  sdr: Number(values.sdr),
  voiceSdr: Number(values['voice-sdr']),
  intelligibility: Number(values.intelligibility),
};
const batch = Number(values.batch);
const examples = denoiseTraining({
  family,
  config,
  batch,
  samples,
  stepsPerEpoch: Number(values.steps),
  training: { pairs: training.pairs, samples, seed },
  validation: { pairs: validation.pairs, samples, seed: VALIDATION_SEED },
  validationBatches: 10,
});
const task: Trainable = {
  ...examples,
  buildLoss: (builder) => buildVoiceLoss(builder, family, config, [batch, samples], weights),
};
const trainer = await Trainer.create(task, {
  epochs: Number(values.epochs),
  seed,
  weightDecay: 0.01,
  clip: 3,
  averageDecay: 0.999,
  schedule: scheduleConfigSchema.parse({
    schedule: 'cosine',
    lr: Number(values.lr),
    warmup: Number(values.warmup),
    minimumLr: 1e-6,
  }),
});
trainer.startFrom(variables);
const { state } = values;
if (state !== undefined && existsSync(state))
  trainer.restore(decodeTrainingState(readFileSync(state), state));
const before = await trainer.evaluate(task.validation(), trainer.variables());
console.log(
  `${training.report.loaded} pairs, ${(training.report.seconds / 3600).toFixed(2)} h; ${validation.report.loaded} to validate on; ` +
    `${trainer.parameters} parameters; loss ${before?.loss.toFixed(4)}, SI-SDR ${siSdrOf(before).toFixed(2)} dB at step ${trainer.step}`,
);
const startedAt = performance.now();
await trainer.run((event) => {
  if (event.kind === 'stepped back') for (const { text } of describeEvent(event)) console.log(text);
  if (event.kind === 'epoch') onEpoch(event);
});
await trainer.close();

function onEpoch(record: EpochEvent): void {
  const training = { steps: record.step, lr: Number(values.lr), ...weights, hours: hoursOf() };
  replace(
    outPath,
    writeCheckpoint(family, config, trainer.variables(), {
      name: values.name,
      training,
      dataHash: hash(),
      parent: parent.info.hash,
    }),
  );
  if (state !== undefined) replace(state, encodeTrainingState(trainer.state()));
  const { epoch, step, trainLoss, validationLoss, learningRate, gradientNorm, seconds } = record;
  console.log(
    `epoch ${epoch} step ${step} loss ${trainLoss.toFixed(4)} validation ${validationLoss?.toFixed(4)} SI-SDR ` +
      `${siSdrOf(record).toFixed(3)} dB, rate ${learningRate.toExponential(2)}, gradient ${gradientNorm.toFixed(2)}, ` +
      `${((1000 * seconds) / task.stepsPerEpoch).toFixed(0)} ms a step, ${((performance.now() - startedAt) / 1000).toFixed(0)} s`,
  );
}

function siSdrOf(result: { outputs?: Record<string, number> } | undefined): number {
  return -(result?.outputs?.negativeVoiceSiSdr ?? Number.NaN);
}

function hoursOf(): number {
  return Number((training.report.seconds / 3600).toFixed(3));
}

function hash(): string {
  return training.report.hash;
}

/** A reader never sees half a file. */
function replace(path: string, content: Uint8Array): void {
  writeFileSync(`${path}.tmp`, content);
  renameSync(`${path}.tmp`, path);
}
