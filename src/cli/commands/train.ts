import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { UsageError } from '../../errors.js';
import type { TrainRequest } from '../../training/run/train-config.js';
import type { TrainingRunEvents, TrainingRunResult } from '../../training/run/training-run.js';
import type { CommandContext } from '../context.js';
import { EXIT } from '../exit-code.js';
import { Interrupted } from '../interrupt.js';
import { startTrainingProgress, type TrainingProgress } from '../training-progress.js';

interface TrainOptions {
  model?: string;
  task: string;
  clean?: string;
  noise?: string;
  noisy?: string;
  rooms?: string;
  exclude?: string[];
  preset?: string;
  device: string;
  set: string[];
  run?: string;
  resume?: string;
  json?: boolean;
  quiet?: boolean;
}

const EXAMPLES = `
Examples:
  denoise train --clean speech/ --noise noise/           the flagship on your recordings
  denoise train --clean speech/ --noise shack/ --model base --set lr=3e-4
                                                          goes on from a trained model
  denoise train --noisy before/ --clean after/           from pairs with the same names
  denoise train --task frequency --preset serial         the frequency-extraction task, L = 1
  denoise train --resume runs/2026-11-21-unet1d-lstm     goes on after an interruption

Presets of --task frequency: default (hidden 64, L = 50), serial (L = 1), long (L = 100), large (hidden 128), excellent.
An unknown --set name lists all of them.
`;

/** `denoise train`: one run in a folder, with a bar, live warnings, and a checkpoint to go on from. */
export function addTrainCommand(program: Command, context: CommandContext): void {
  const collect = (value: string, before: string[]): string[] => [...before, value];
  program
    .command('train')
    .description('Train a model on recordings of speech and of noise, or on the frequency task.')
    .option('-m, --model <family|checkpoint>', 'what to train: a family, or a checkpoint to start from')
    .option('--task <task>', 'denoise or frequency', 'denoise')
    .option('--clean <folder>', 'recordings without noise')
    .option('--noise <folder>', 'recordings of noise to mix in')
    .option('--noisy <folder>', 'instead of --noise: the clean recordings with noise, under the same names')
    .option('--rooms <folder>', 'responses of rooms, for --set measuredRooms=…')
    .option('--exclude <ending>', 'leave out recordings whose path ends so (repeatable)', collect, [])
    .option('--preset <name>', "one of the guides' configurations")
    .option('-d, --device <device>', 'cpu, webgpu, cuda or auto', 'auto')
    .option('--set <key=value>', 'change a setting (repeatable)', collect, [])
    .option('--run <folder>', 'where to keep the run (default: runs/DATE-NAME)')
    .option('--resume <run>', 'go on with an interrupted run, to the bit')
    .option('--json', 'print one JSON document at the end')
    .option('-q, --quiet', 'print nothing but errors')
    .addHelpText('after', EXAMPLES)
    .action((options: TrainOptions) => run(options, context));
}

async function run(options: TrainOptions, context: CommandContext): Promise<void> {
  const { output, signal } = context;
  output.configure({ json: options.json ?? false, quiet: options.quiet ?? false });
  // The runtime takes a third of a second to load: not for --help.
  const { readRunConfig } = await import('../../training/run/training-run.js');
  const { trainInThread } = await import('../../training/run/training-thread.js');
  const resume = options.resume !== undefined;
  const config = resume
    ? await resumedConfig(readRunConfig(options.resume!), options)
    : await freshConfig(options);
  const folder =
    options.resume ?? options.run ?? freeFolder(config.task === 'frequency' ? 'frequency' : config.family);
  const progress = startTrainingProgress(output);
  let result: TrainingRunResult;
  try {
    result = await trainInThread(folder, config, { resume, signal }, eventsFor(progress, context));
  } finally {
    progress.stop();
  }
  output.result(result);
  output.report(...describe(result, output));
  if (!result.finished) {
    output.report(`Go on with: denoise train --resume ${folder}`);
    signal.throwIfAborted();
    throw new Interrupted(EXIT.interrupted);
  }
}

async function freshConfig(options: TrainOptions) {
  const { parseOverrides, resolveTrainConfig } = await import('../../training/run/train-config.js');
  const { familyOf } = await import('../../training/tasks/denoise-data.js');
  const { task } = options;
  if (task !== 'denoise' && task !== 'frequency')
    throw new UsageError('E_TASK', `There is no task "${task}".`, { hint: 'Choose denoise or frequency.' });
  const { model, exclude, device, preset } = options;
  // A run may be resumed from another folder.
  const absolute = (path: string | undefined): string | undefined => path && resolve(path);
  const request: TrainRequest = {
    task,
    model: model !== undefined && existsSync(model) ? resolve(model) : model,
    clean: absolute(options.clean),
    noise: absolute(options.noise),
    noisy: absolute(options.noisy),
    rooms: absolute(options.rooms),
    exclude,
    device,
    preset,
    set: parseOverrides(options.set),
  };
  return resolveTrainConfig(request, await familyOf(model));
}

/** A resumed run keeps its configuration; settings given again, such as more epochs or another rate, are put over it. */
async function resumedConfig(
  config: Awaited<ReturnType<typeof freshConfig>>,
  options: TrainOptions,
): Promise<Awaited<ReturnType<typeof freshConfig>>> {
  if (options.set.length === 0) return config;
  const { parseOverrides, resolveTrainConfig } = await import('../../training/run/train-config.js');
  return resolveTrainConfig(
    { ...config, set: { ...config.set, ...parseOverrides(options.set) } },
    config.family,
  );
}

/** `runs/DATE-NAME`, with a number behind it when that is taken. */
function freeFolder(name: string): string {
  const base = join('runs', `${new Date().toISOString().slice(0, 10)}-${name}`);
  for (let n = 1; ; n++) {
    const folder = n === 1 ? base : `${base}-${n}`;
    if (!existsSync(folder)) return folder;
  }
}

function eventsFor(progress: TrainingProgress, { output }: CommandContext): TrainingRunEvents {
  return {
    reading: (done, total) => progress.reading(done, total),
    started: ({ parameters, device, fromStep, totalSteps, data }) => {
      progress.started(fromStep, totalSteps);
      if (data !== undefined) {
        const hours = (seconds: number): string => `${(seconds / 3600).toFixed(2)} h`;
        const split = `${hours(data.trainingSeconds)} of speech, ${hours(data.noiseSeconds)} of noise, ${hours(data.validationSeconds)} held out`;
        output.report(`Training on ${split}.`);
        for (const { name, reason } of data.skipped.slice(0, 10)) output.warn(`left out ${name}: ${reason}`);
        if (data.skipped.length > 10) output.warn(`left out ${data.skipped.length - 10} more files`);
      }
      output.report(`${parameters} weights on ${device}, ${totalSteps - fromStep} steps to go.`);
    },
    step: (record) => progress.step(record),
    epoch: (record) => {
      const validation =
        record.validationLoss === undefined ? '' : `  validation ${record.validationLoss.toPrecision(4)}`;
      const outputs = Object.entries(record.outputs).map(
        ([name, value]) => `  ${name} ${value.toPrecision(4)}`,
      );
      progress.line(
        `epoch ${record.epoch}  training ${record.trainLoss.toPrecision(4)}${validation}${outputs.join('')}  rate ${record.learningRate.toExponential(1)}  norm ${record.gradientNorm.toPrecision(3)}  loader ${(100 * record.loaderShare).toFixed(0)} %${record.improved ? '  best' : ''}`,
      );
    },
    warning: (sentence) => progress.warn(sentence),
  };
}

function describe(result: TrainingRunResult, output: CommandContext['output']): string[] {
  const lines = [
    `${result.finished ? 'Done' : 'Interrupted'} after ${result.epochs} epochs, ${result.steps} steps; best validation loss ${result.bestValidationLoss.toPrecision(4)}.`,
  ];
  if (result.tier !== undefined)
    lines.push(
      `Training MSE ${result.trainMse!.toPrecision(3)}, test MSE ${result.testMse!.toPrecision(3)}, ratio ${(result.testMse! / result.trainMse!).toFixed(2)}: ${output.style('bold', result.tier === 'none' ? 'below the minimum' : result.tier)}.`,
    );
  lines.push(result.model === undefined ? `Run: ${result.run}` : `Model: ${result.model}`);
  lines.push(`What the doctor says: denoise diagnose ${result.run}`);
  return lines;
}
