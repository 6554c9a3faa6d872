import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { writeCheckpoint } from '../../../models/checkpoint.js';
import { familyByName } from '../../../models/families.js';
import { parseDevice, resolveDevice } from '../../engine/device.js';
import { UsageError } from '../../errors.js';
import { formatWarning, successTier, type Tier, TrainingWatch } from '../diagnose/index.js';
import type { Trainable } from '../loop/trainable.js';
import { Trainer } from '../loop/trainer.js';
import type { EpochRecord, EventRecord, StepRecord } from '../loop/training-events.js';
import { decodeTrainingState, encodeTrainingState } from '../loop/training-state.js';
import { type DataSummary, openDenoiseData } from '../tasks/denoise-data.js';
import { drawExtraction } from '../tasks/extraction-plot.js';
import { frequencyTraining } from '../tasks/frequency-training.js';
import { findCheckpoint, RunFolder, readRun, refuseExistingRun } from './run-folder.js';
import type { DenoiseSettings, FrequencySettings, TrainConfig } from './train-config.js';

const STATE = 'state.bin';

/** Steps of an epoch that are recorded; of more, every second, third, … */
const MOST_STEP_RECORDS = 500;

export interface TrainingRunEvents {
  started?(start: {
    parameters: number;
    device: string;
    fromStep: number;
    totalSteps: number;
    data?: DataSummary;
  }): void;
  step?(record: StepRecord): void;
  epoch?(record: EpochRecord & { outputs: Record<string, number>; improved: boolean }): void;
  warning?(sentence: string): void;
  reading?(done: number, total: number): void;
}

export interface TrainingRunResult {
  run: string;
  /** The run came to its end, or was stopped early by its patience; false when it was interrupted. */
  finished: boolean;
  epochs: number;
  steps: number;
  bestValidationLoss: number;
  /** Checkpoint of the best epoch, where the task makes a denoiser. */
  model?: string;
  /** Frequency task: mean squared errors with the best weights and the tier of the guides that they reach. */
  trainMse?: number;
  testMse?: number;
  tier?: Tier;
}

interface OpenTask {
  task: Trainable;
  data?: DataSummary;
}

/**
 * One run from its configuration to its checkpoint: data, trainer, run folder, live warnings. Resumes from the folder
 * when `resume` is set.
 * @param stopped asked after every step; true ends the run with a checkpoint, to be resumed later
 */
export async function runTraining(
  folder: string,
  config: TrainConfig,
  { resume = false, stopped = () => false }: { resume?: boolean; stopped?: () => boolean },
  events: TrainingRunEvents = {},
): Promise<TrainingRunResult> {
  const { device, provider } = resolveDevice(parseDevice(config.device ?? 'auto'));
  if (!resume) refuseExistingRun(folder);
  const { task, data } = await openTask(config, events);
  const trainer = await createTrainer(task, config, provider, device);
  try {
    if (data?.start !== undefined) trainer.startFrom(data.start);
    const run = openRun(folder, config, resume, trainer);
    try {
      events.started?.({
        parameters: trainer.parameters,
        device,
        fromStep: trainer.step,
        totalSteps: trainer.totalSteps,
        data,
      });
      await drive(run, trainer, config, events, stopped);
      return await finishRun(run, trainer, task, config, data);
    } finally {
      run.close();
    }
  } finally {
    await trainer.close();
  }
}

/** The configuration that a run was started with. @throws InputError `E_NOT_A_RUN`, `E_RUN_CONFIG` */
export const readRunConfig = (folder: string): TrainConfig =>
  readRun(folder).config as unknown as TrainConfig;

async function openTask(config: TrainConfig, events: TrainingRunEvents): Promise<OpenTask> {
  if (config.task === 'frequency') {
    return {
      task: frequencyTraining({ ...(config.settings as FrequencySettings), signal: config.signal as object }),
    };
  }
  return openDenoiseData(config, events.reading);
}

async function createTrainer(
  task: Trainable,
  config: TrainConfig,
  provider: string,
  device: string,
): Promise<Trainer> {
  const s = config.settings;
  return Trainer.create(task, {
    epochs: s.epochs,
    schedule: s,
    seed: s.seed,
    weightDecay: s.optimizer === 'adamw' ? s.weightDecay : 0,
    clip: s.clipNorm,
    averageDecay: s.averageDecay,
    patience: s.patience === 0 ? undefined : s.patience,
    threads: s.threads,
    providers: [provider],
    lstmLayout: device === 'cpu' ? 'scan' : 'unroll',
  });
}

function openRun(folder: string, config: TrainConfig, resume: boolean, trainer: Trainer): RunFolder {
  if (!resume) {
    const run = RunFolder.create(folder, { ...config });
    run.record({ kind: 'event', step: 0, epoch: 1, event: 'start' });
    return run;
  }
  const path = findCheckpoint(folder, STATE);
  // Killed before its first checkpoint: a run begins the same way every time.
  if (path !== undefined) trainer.restore(decodeTrainingState(readFileSync(path), path));
  const run = RunFolder.resume(folder, trainer.step);
  if (trainer.finished) {
    run.close();
    throw new UsageError(
      'E_RUN_FINISHED',
      `${basename(folder)} is finished: there is nothing to go on with.`,
      {
        hint: 'Start another run from its model with --model, or ask for more epochs.',
      },
    );
  }
  run.writeConfig({ ...config });
  run.record({ kind: 'event', step: trainer.step, epoch: epochOf(trainer), event: 'resume' });
  return run;
}

/** Number of the epoch that the last step belongs to, from 1. */
const epochOf = ({ step, stepsPerEpoch }: Trainer): number => Math.max(1, Math.ceil(step / stepsPerEpoch));

async function drive(
  run: RunFolder,
  trainer: Trainer,
  config: TrainConfig,
  events: TrainingRunEvents,
  stopped: () => boolean,
): Promise<void> {
  const watch = new TrainingWatch({ ...config });
  const { checkpointMinutes } = config.settings;
  const stepInterval = Math.ceil(trainer.stepsPerEpoch / MOST_STEP_RECORDS);
  let savedAt = performance.now();
  const save = (): void => {
    run.writeCheckpoint(STATE, encodeTrainingState(trainer.state()));
    savedAt = performance.now();
  };
  const note = (event: EventRecord['event'], detail?: string): void =>
    run.record({
      kind: 'event',
      step: trainer.step,
      epoch: epochOf(trainer),
      event,
      detail,
    });
  const observe = (record: StepRecord | EpochRecord): void => {
    run.record(record);
    for (const finding of watch.observe(record)) {
      const sentence = formatWarning(finding);
      note('warning', sentence);
      events.warning?.(sentence);
    }
  };
  await trainer.run(
    {
      step: (record) => {
        // 10 000 steps an epoch would make hundreds of megabytes of records that no one could look at.
        if (record.step % stepInterval === 0 || !Number.isFinite(record.trainLoss)) observe(record);
        events.step?.(record);
      },
      epoch: (record) => {
        const { outputs, improved, ...plain } = record;
        observe(plain);
        save();
        events.epoch?.(record);
      },
      warning: (sentence) => {
        note('nan', sentence);
        events.warning?.(sentence);
      },
    },
    () => {
      if (performance.now() - savedAt > checkpointMinutes * 60_000) save();
      return stopped();
    },
  );
  if (!trainer.finished) note('interrupted');
  else if (trainer.stoppedEarly) note('early stop');
  if (trainer.finished) note('finished');
  save();
}

async function finishRun(
  run: RunFolder,
  trainer: Trainer,
  task: Trainable,
  config: TrainConfig,
  data: DataSummary | undefined,
): Promise<TrainingRunResult> {
  const result: TrainingRunResult = {
    run: run.path,
    finished: trainer.finished,
    epochs: Math.floor(trainer.step / trainer.stepsPerEpoch),
    steps: trainer.step,
    bestValidationLoss: trainer.bestLoss,
  };
  if (config.task === 'denoise') {
    const training = {
      steps: trainer.step,
      epochs: result.epochs,
      seed: config.settings.seed,
      seconds: data?.trainingSeconds,
      batch: (config.settings as DenoiseSettings).batch,
      bestValidationLoss: trainer.bestLoss,
    };
    const options = { training, dataHash: data?.hash, parent: data?.parent };
    const bytes = writeCheckpoint(familyByName(config.family), data?.modelConfig, trainer.best, options);
    result.model = run.writeFile('model.onnx', bytes);
  }
  if (config.task === 'frequency') {
    result.trainMse = (await trainer.evaluate(task.trainingSet?.() ?? []))?.loss;
    const estimates: Float32Array[] = [];
    result.testMse = (
      await trainer.evaluate(task.validation(), trainer.best, ({ estimate }) =>
        estimates.push(Float32Array.from(estimate)),
      )
    )?.loss;
    result.tier = successTier(result.trainMse!, result.testMse!);
    run.writeFile('extraction.png', drawExtraction(estimates, config));
  }
  run.writeCurves(`Training of ${basename(run.path)}`);
  run.writeFile('result.json', `${JSON.stringify(result, null, 2)}\n`);
  return result;
}
