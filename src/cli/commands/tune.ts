import { setPriority } from 'node:os';
import { join } from 'node:path';
import { type Command, Option } from 'commander';
import { MODEL_USES, type ModelUse } from '../../../models/use.js';
import type { TuneResult } from '../../tuning/trainings/tune.js';
import type { CommandContext } from '../context.js';
import { Interrupted } from '../interrupt.js';
import { integerFrom, numberFrom } from '../number-options.js';
import { startTuneView } from '../text/tune-view.js';
import { type PlanOptions, planOf } from '../tuning-plan.js';

interface TuneCommandOptions extends PlanOptions {
  study?: string;
  workers?: number;
  storage?: string;
  folder?: string;
  lease: number;
  candidate: boolean;
  use: ModelUse;
  seed?: number;
  nice?: number;
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
  denoise tune tpe --space hidden=16..128 --model lstm --objective loss --objective cost --clean speech/ --noise noise/
  denoise tune grid --model cfc --space cfc-grid --clean speech/ --noise noise/
  denoise tune full --storage redis://host:6379 --folder /mnt/shared/full --clean … --noise …

A study that was stopped goes on when the same command is given again. Then: denoise analyze STUDY
`;

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
    .option('--pruner <name>', 'none, asha, pasha, hyperband, median, percentile, threshold, patience')
    .option('--min-steps <epochs>', 'epochs before which nothing is stopped', count)
    .option('--reduction <n>', 'one of n goes on at each rung', numberFrom(1.5))
    .option('--trials <n>', 'configurations that are tried', count)
    .option('--time <seconds>', 'stop after this long', numberFrom(0))
    .option('--target <loss>', 'stop when this is reached', numberFrom(-1e9))
    .option('--stagnation <n>', 'stop after n trials without a better one', count)
    .option('--workers <n>', 'trials at the same time (default: as many as cores and memory allow)', count)
    .option('--storage <url>', 'share the study: redis://… or postgres://… (default: files)')
    .option('--folder <folder>', 'run folders and checkpoints (default: studies/NAME)')
    .option(
      '--lease <seconds>',
      'with --storage: silence after which a worker counts as lost; the same for all',
      numberFrom(1),
      30,
    )
    .option('--folds <k>', 'cross-validate every trial', integerFrom(2))
    .option('--objective <name>', 'loss, cost or size; several (repeatable) give a Pareto front', collect, [])
    .option('--no-candidate', 'do not make the best model the candidate in the registry')
    .addOption(new Option('--use <use>', 'whose candidate it becomes').choices(MODEL_USES).default('speech'))
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
  const { storage, folder, workers, seed, lease, candidate, use } = options;
  let result: TuneResult;
  try {
    result = await tune(
      plan,
      {
        ...{ study, storage, folder, workers, signal, onChange: view.changed, onEpoch: view.epoch },
        leaseMs: 1000 * lease,
        ...(candidate && { nominateFor: use }),
      },
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
  { study, reason, folder, best, candidate }: TuneResult,
  { output }: CommandContext,
): Promise<void> {
  const { analyseStudy } = await import('../../tuning/analyse/analysis.js');
  const { writeAnalysis } = await import('../../tuning/analyse/write-analysis.js');
  const { describeAnalysis } = await import('../text/analysis-text.js');
  writeAnalysis(folder, study);
  const analysis = analyseStudy(study);
  output.result({ ...analysis, reason, folder, best, candidate });
  output.report(
    `Done: ${reason}.`,
    ...describeAnalysis(analysis),
    '',
    `Report: ${join(folder, 'report.html')}`,
  );
  if (best !== undefined) output.report(`Best model: ${best}`);
  if (candidate === undefined) return;
  const { version, use } = candidate;
  output.report(
    `It is version ${version.slice(0, 12)}, the candidate of ${use}. Let it serve: denoise models promote candidate --use ${use}`,
  );
}
