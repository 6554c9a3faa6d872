import { existsSync } from 'node:fs';
import { setPriority } from 'node:os';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { UsageError } from '../../errors.js';
import type { JobRequest } from '../../training/run/resolve-job.js';
import type { DoctorMode } from '../../tuning/trainings/doctor.js';
import type { TuneResult, TuningPlan } from '../../tuning/trainings/tune.js';
import type { CommandContext } from '../context.js';
import { Interrupted } from '../interrupt.js';
import { integerFrom, numberFrom } from '../number-options.js';
import { startTuneView } from '../text/tune-view.js';

interface TuneCommandOptions {
  study?: string;
  space: string[];
  sampler?: string;
  pruner?: string;
  minSteps?: number;
  reduction?: number;
  trials?: number;
  time?: number;
  target?: number;
  stagnation?: number;
  workers?: number;
  storage?: string;
  folder?: string;
  folds?: number;
  doctor: string;
  finishBest?: number;
  seed?: number;
  nice?: number;
  model?: string;
  task: string;
  clean?: string;
  noise?: string;
  noisy?: string;
  device: string;
  set: string[];
  json?: boolean;
  quiet?: boolean;
}

const EXAMPLES = `
Searches:
  quick   the guide's 8 configurations        random  draws from the guide's ranges (--space for others)
  full    the guide's 864, with pruning       tpe     learns where good configurations lie
  grid    every configuration of --space      lr      range test and sweep of the learning rate
  batch   throughput and memory of batch sizes

Spaces: quick, full, guide, cfc, cfc-grid, cfc-random, ltc, those of the tasks (denoise, frequency, noise-model),
or hyperparameters, each a --set name of denoise train:
  --space lr=1e-5..1e-2:log --space batch=8,16,32 --space hidden=16..128

Examples:
  denoise tune quick --clean speech/ --noise noise/
  denoise tune tpe --clean speech/ --noise noise/ --trials 60 --pruner pasha
  denoise tune grid --model cfc --space cfc-grid --clean speech/ --noise noise/
  denoise tune full --storage redis://host:6379 --folder /mnt/shared/full --clean … --noise …

A study that was stopped goes on when the same command is given again. Then: denoise analyze STUDY
`;

/** Trials of a search that has no end of its own. */
const DEFAULT_TRIALS = 40;

/** Small enough that the guide's 8 configurations take minutes. */
const SHORT_TRAINING = { seconds: 1, stepsPerEpoch: 32, validationBatches: 4, averageDecay: 0, warmup: 0 };
const SMALL_UNET = { channels: [16, 24, 32], blocks: 4 };

/** `denoise tune SEARCH`: many trainings, the best configuration, and what decides it. */
export function addTuneCommand(program: Command, context: CommandContext): void {
  const collect = (value: string, before: string[]): string[] => [...before, value];
  const count = integerFrom(1);
  program
    .command('tune')
    .description('Search for the best configuration of a training.')
    .argument('<search>', 'quick, full, random, tpe, grid, lr or batch')
    .option('--study <name>', 'its name (default: that of the search)')
    .option('--space <space>', 'what is searched: a name, or name=values (repeatable)', collect, [])
    .option('--sampler <name>', 'random, grid or tpe')
    .option('--pruner <name>', 'none, asha, pasha, hyperband, median, threshold, patience')
    .option('--min-steps <epochs>', 'epochs before which nothing is stopped', count)
    .option('--reduction <n>', 'one of n goes on at each rung', numberFrom(1.5))
    .option('--trials <n>', 'configurations that are tried', count)
    .option('--time <seconds>', 'stop after this long', numberFrom(0))
    .option('--target <loss>', 'stop when this is reached', numberFrom(-1e9))
    .option('--stagnation <n>', 'stop after n trials without a better one', count)
    .option('--workers <n>', 'trials at the same time (default: as many as cores and memory allow)', count)
    .option('--storage <url>', 'share the study: redis://… or postgres://… (default: files)')
    .option('--folder <folder>', 'run folders and checkpoints (default: studies/NAME)')
    .option('--folds <k>', 'cross-validate every trial', integerFrom(2))
    .option(
      '--doctor <what>',
      'what happens to hopeless trials: prune, restart with the remedy, off',
      'prune',
    )
    .option(
      '--finish-best <n>',
      'of the best paused trials, run so many to their end (default 1)',
      integerFrom(0),
    )
    .option('--seed <n>', 'of the study (default 1)', integerFrom(0))
    .option('--nice <n>', 'priority, 0 to 19 (default 10)', integerFrom(0))
    .option('-m, --model <family|checkpoint>', 'what to train (default: a small unet1d)')
    .option('--task <task>', 'denoise, frequency or noise-model', 'denoise')
    .option('--clean <folder>', 'recordings without noise')
    .option('--noise <folder>', 'recordings of noise to mix in')
    .option('--noisy <folder>', 'instead of --noise: the clean recordings with noise')
    .option('-d, --device <device>', 'cpu, webgpu, cuda or auto', 'cpu')
    .option('--set <key=value>', 'a setting of all trials (repeatable)', collect, [])
    .option('--json', 'print one JSON document at the end')
    .option('-q, --quiet', 'print nothing but errors')
    .addHelpText('after', EXAMPLES)
    .action((search: string, options: TuneCommandOptions) => run(search, options, context));
}

async function run(search: string, options: TuneCommandOptions, context: CommandContext): Promise<void> {
  const { output, signal } = context;
  output.configure({ json: options.json ?? false, quiet: options.quiet ?? false });
  setPriority(options.nice ?? 10);
  const plan = await planOf(search, options);
  const study = options.study ?? search;
  const { tune } = await import('../../tuning/trainings/tune.js');
  const view = startTuneView(output, plan.stop.trials);
  const { storage, folder, workers, seed } = options;
  let result: TuneResult;
  try {
    result = await tune(
      plan,
      { study, storage, folder, workers, signal, onChange: view.changed, onEpoch: view.epoch },
      seed,
    );
  } catch (error) {
    if (error instanceof Interrupted) {
      view.stop();
      output.report(
        `Stopped; every trial keeps a checkpoint. Go on with the same command, look with: denoise analyze ${study}`,
      );
    }
    throw error;
  } finally {
    view.stop();
  }
  await reportResult(result, context);
}

/** Says what came out, and writes the analysis beside the study. */
async function reportResult(
  { study, reason, folder, best }: TuneResult,
  { output }: CommandContext,
): Promise<void> {
  const { analyseStudy } = await import('../../tuning/analyse/analysis.js');
  const { writeAnalysis } = await import('../../tuning/analyse/write-analysis.js');
  const { describeAnalysis } = await import('../text/analysis-text.js');
  writeAnalysis(folder, study);
  const analysis = analyseStudy(study);
  output.result({ ...analysis, reason, folder, best });
  output.report(
    `Done: ${reason}.`,
    ...describeAnalysis(analysis),
    '',
    `Report: ${join(folder, 'report.html')}`,
  );
  if (best !== undefined) output.report(`Best model: ${best}`);
}

async function planOf(search: string, options: TuneCommandOptions): Promise<TuningPlan> {
  const { planSearch } = await import('../../tuning/searches/search.js');
  const { doctor, task, minSteps, reduction, sampler, pruner } = options;
  const { taskByName } = await import('../../training/tasks/tasks.js');
  const { name } = taskByName(task);
  if (!['off', 'prune', 'restart'].includes(doctor))
    throw new UsageError('E_USAGE', `--doctor ${doctor} is unknown.`, {
      hint: 'Choose prune, restart or off.',
    });
  // The guide's ranges are for denoisers.
  const own = name !== 'denoise' && (search === 'random' || search === 'tpe') ? [name] : undefined;
  const space = options.space.length === 0 ? own : options.space;
  const planned = planSearch(search, { space, sampler, pruner, prunerOptions: { minSteps, reduction } });
  const { request, family } = await requestOf(planned.settings, planned.space, name, options);
  const endless = planned.sampler !== 'grid';
  const { trials = endless ? DEFAULT_TRIALS : undefined, time: seconds, target, stagnation } = options;
  return {
    search: planned,
    request,
    family,
    doctor: doctor as DoctorMode,
    folds: options.folds ?? 1,
    stop: { trials, seconds, target, stagnation },
    finishBest: options.finishBest ?? 1,
  };
}

async function requestOf(
  settings: Readonly<Record<string, unknown>>,
  space: readonly string[],
  task: JobRequest['task'],
  options: TuneCommandOptions,
): Promise<{ request: JobRequest; family: string }> {
  const { familyOf, parseOverrides } = await import('../../training/run/resolve-job.js');
  const { taskByName } = await import('../../training/tasks/tasks.js');
  const { jobOf } = await import('../../tuning/trainings/training-objective.js');
  const liquid = space[0].match(/^(cfc|ltc)/)?.[1];
  const model = options.model ?? liquid ?? 'unet1d';
  const small = options.model === undefined && liquid === undefined ? SMALL_UNET : {};
  const defaults = task === 'denoise' ? { ...SHORT_TRAINING, ...small } : {};
  // A worker may run in another folder.
  const absolute = (path: string | undefined): string | undefined => path && resolve(path);
  const request: JobRequest = {
    task,
    model: existsSync(model) ? resolve(model) : model,
    clean: absolute(options.clean),
    noise: absolute(options.noise),
    noisy: absolute(options.noisy),
    device: options.device,
    set: { ...defaults, ...settings, ...parseOverrides(options.set) },
  };
  const family = task === 'denoise' ? await familyOf(model) : task;
  // Says at once what is missing or out of range.
  await taskByName(task).recordings(jobOf(request, family, {}));
  return { request, family };
}
