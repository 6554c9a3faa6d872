import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import type { TrainingEvent } from '../../training/loop/training-events.js';
import type { JobRequest } from '../../training/run/resolve-job.js';
import type { RunResult } from '../../training/run/run-options.js';
import type { TrainingJob } from '../../training/tasks/tasks.js';
import type { CommandContext } from '../context.js';
import { EXIT } from '../exit-code.js';
import { Interrupted } from '../interrupt.js';
import { startTrainingProgress } from '../training-progress.js';

interface TrainOptions {
  model?: string;
  task: string;
  name?: string;
  clean?: string;
  noise?: string;
  noisy?: string;
  captured?: string;
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

const HELP = `
Tasks:
  denoise      recordings of speech and of noise in, a model that takes the noise out
  frequency    the frequency-extraction task of the tuning guides: learn to train here
  noise-model  recordings of a noise in, a model that makes more of it (family seqvae)

Families (--model): unet1d-lstm (default), band-split, unet1d, lstm, cfc, ltc.

Examples:
  denoise train --clean speech/ --noise noise/           the flagship on your recordings
  denoise train --clean speech/ --noise shack/ --model base --set lr=3e-4
                                                          goes on from a trained model
  denoise train --noisy before/ --clean after/           from pairs with the same names
  denoise train --task frequency --preset serial         the frequency-extraction task, L = 1
  denoise train --task noise-model --noise shack/        a model that makes more of that noise
  denoise train --resume runs/2026-11-21-unet1d-lstm     goes on after an interruption

Presets of --task frequency: default (hidden 64, L = 50), serial (L = 1), long (L = 100), large (hidden 128), excellent.
An unknown --set name lists all of them.
`;

/** `denoise train`: one run in a folder, with a bar, live warnings, and a checkpoint to go on from. */
export function addTrainCommand(program: Command, context: CommandContext): void {
  const collect = (value: string, before: string[]): string[] => [...before, value];
  program
    .command('train')
    .description('Train a model on recordings of speech and of noise, or on another task.')
    .option('-m, --model <family|checkpoint>', 'what to train: a family, or a checkpoint to start from')
    .option('--task <task>', 'denoise, frequency or noise-model', 'denoise')
    .option('--name <name>', 'name of the model in its file')
    .option('--clean <folder>', 'recordings without noise')
    .option('--noise <folder>', 'recordings of noise to mix in, or to learn')
    .option('--noisy <folder>', 'instead of --noise: the clean recordings with noise, under the same names')
    .option(
      '--captured <folder>',
      'noise of one place to tune to; --noise then keeps the rest from being forgotten',
    )
    .option('--rooms <folder>', 'responses of rooms, for --set measuredRooms=…')
    .option('--exclude <ending>', 'leave out recordings whose path ends so (repeatable)', collect, [])
    .option('--preset <name>', "one of the guides' configurations")
    .option('-d, --device <device>', 'cpu, webgpu, cuda or auto', 'auto')
    .option('--set <key=value>', 'change a setting (repeatable)', collect, [])
    .option('--run <folder>', 'where to keep the run (default: runs/DATE-NAME)')
    .option('--resume <run>', 'go on with an interrupted run, to the bit')
    .option('--json', 'print one JSON document at the end')
    .option('-q, --quiet', 'print nothing but errors')
    .addHelpText('after', HELP)
    .action((options: TrainOptions) => run(options, context));
}

async function run(options: TrainOptions, context: CommandContext): Promise<void> {
  const { output, signal } = context;
  output.configure({ json: options.json ?? false, quiet: options.quiet ?? false });
  // The runtime takes a third of a second to load: not for --help.
  const { trainInThread } = await import('../../training/run/training-thread.js');
  const { describeEvent } = await import('../../training/run/describe-event.js');
  const { subjectOf } = await import('../../training/tasks/tasks.js');
  const resume = options.resume !== undefined;
  const job = resume ? await resumedJob(options) : await freshJob(options);
  const folder = options.resume ?? options.run ?? freeFolder(subjectOf(job));
  const progress = startTrainingProgress(output);
  const onEvent = (event: TrainingEvent): void => {
    // An error is told where all are.
    if (event.kind === 'failed') return;
    progress.show(event);
    for (const { text, warning } of describeEvent(event))
      if (warning) progress.warn(text);
      else if (event.kind !== 'ended' && event.kind !== 'paused') progress.line(text);
  };
  let result: RunResult;
  try {
    result = await trainInThread(job, { folder, resume, signal, finishPaused: true, onEvent });
  } finally {
    progress.stop();
  }
  output.result(result);
  output.report(...(await describe(result, output)));
  if (!result.finished) {
    output.report(`Go on with: denoise train --resume ${folder}`);
    signal.throwIfAborted();
    throw new Interrupted(EXIT.interrupted);
  }
}

async function freshJob(options: TrainOptions): Promise<TrainingJob> {
  const { familyOf, parseOverrides, resolveJob } = await import('../../training/run/resolve-job.js');
  const { taskByName } = await import('../../training/tasks/tasks.js');
  const task = taskByName(options.task).name;
  const { model, name, exclude, device, preset } = options;
  // A run may be resumed from another folder.
  const absolute = (path: string | undefined): string | undefined => path && resolve(path);
  const request: JobRequest = {
    task,
    name,
    model: model !== undefined && existsSync(model) ? resolve(model) : model,
    clean: absolute(options.clean),
    noise: absolute(options.noise),
    noisy: absolute(options.noisy),
    captured: absolute(options.captured),
    rooms: absolute(options.rooms),
    exclude,
    device,
    preset,
    set: parseOverrides(options.set),
  };
  return resolveJob(request, task === 'denoise' ? await familyOf(model) : task);
}

/** A resumed run keeps its job; settings given again, such as more epochs or another rate, are put over it. */
async function resumedJob({ resume, set }: TrainOptions): Promise<TrainingJob> {
  const { readJob } = await import('../../training/run/run-folder.js');
  const job = readJob(resume!);
  if (set.length === 0) return job;
  const { parseOverrides, resolveJob } = await import('../../training/run/resolve-job.js');
  const family = job.task === 'denoise' ? job.family : job.task;
  return resolveJob({ ...job, set: { ...job.set, ...parseOverrides(set) } }, family);
}

/** `runs/DATE-NAME`, with a number behind it when that is taken. */
function freeFolder(name: string): string {
  const base = join('runs', `${new Date().toISOString().slice(0, 10)}-${name}`);
  for (let n = 1; ; n++) {
    const folder = n === 1 ? base : `${base}-${n}`;
    if (!existsSync(folder)) return folder;
  }
}

async function describe(result: RunResult, output: CommandContext['output']): Promise<string[]> {
  const { counted } = await import('../../training/run/describe-event.js');
  const ended = result.stoppedEarly ? 'Stopped early' : result.finished ? 'Done' : 'Interrupted';
  const made = `${counted(result.epochs, 'epoch')}, ${counted(result.steps, 'step')}`;
  const best = Number.isFinite(result.bestValidationLoss)
    ? `; best validation loss ${result.bestValidationLoss.toPrecision(4)}`
    : '';
  const lines = [`${ended} after ${made}${best}.`];
  if (result.tier !== undefined)
    lines.push(
      `Training MSE ${result.trainMse!.toPrecision(3)}, test MSE ${result.testMse!.toPrecision(3)}, ratio ${(result.testMse! / result.trainMse!).toFixed(2)}: ${output.style('bold', result.tier === 'none' ? 'below the minimum' : result.tier)}.`,
    );
  lines.push(result.model === undefined ? `Run: ${result.run}` : `Model: ${result.model}`);
  lines.push(`What the doctor says: denoise diagnose ${result.run}`);
  return lines;
}
