import { setPriority } from 'node:os';
import type { Command } from 'commander';
import type { CommandContext } from '../context.js';
import { integerFrom, numberFrom } from '../number-options.js';
import { startTuneView } from '../text/tune-view.js';

interface WorkerOptions {
  storage: string;
  study: string;
  folder?: string;
  workers?: number;
  lease: number;
  nice?: number;
  json?: boolean;
  quiet?: boolean;
}

const EXAMPLES = `
Examples:
  denoise worker --storage redis://host:6379 --study full --folder /mnt/shared/full
  denoise worker --storage postgres://user@host/tuning --study full --folder /mnt/shared/full

The folder holds the checkpoints of paused trials: all workers need the same one. Recordings are read from where they
were for denoise tune. Start Redis with appendonly yes: the study is kept there.
`;

/** `denoise worker`: lends this machine to a study that another one has begun. */
export function addWorkerCommand(program: Command, context: CommandContext): void {
  program
    .command('worker')
    .description('Work on a shared study until it is done.')
    .requiredOption('--storage <url>', 'redis://… or postgres://…')
    .requiredOption('--study <name>', 'the study, begun with denoise tune --storage')
    .option('--folder <folder>', 'run folders and checkpoints, shared (default: studies/NAME)')
    .option(
      '--workers <n>',
      'trials at the same time (default: as many as cores and memory allow)',
      integerFrom(1),
    )
    .option(
      '--lease <seconds>',
      'silence after which a worker counts as lost; the same for all',
      numberFrom(1),
      30,
    )
    .option('--nice <n>', 'priority, 0 to 19 (default 10)', integerFrom(0))
    .option('--json', 'print one JSON document at the end')
    .option('-q, --quiet', 'print nothing but errors')
    .addHelpText('after', EXAMPLES)
    .action((options: WorkerOptions) => run(options, context));
}

async function run(options: WorkerOptions, { output, signal }: CommandContext): Promise<void> {
  output.configure({ json: options.json ?? false, quiet: options.quiet ?? false });
  setPriority(options.nice ?? 10);
  const { workOn } = await import('../../tuning/trainings/tune.js');
  const { storage, study, folder, workers, lease } = options;
  const view = startTuneView(output, undefined);
  try {
    const { reason } = await workOn({
      storage,
      study,
      folder,
      workers,
      leaseMs: 1000 * lease,
      signal,
      onChange: view.changed,
      onEpoch: view.epoch,
    });
    view.stop();
    output.result({ study, reason });
    output.report(`The study is done: ${reason}.`);
  } finally {
    view.stop();
  }
}
