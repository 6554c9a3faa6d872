import { availableParallelism, constants, getPriority, setPriority } from 'node:os';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { MODEL_USES, type ModelUse } from '../../../models/use.js';
import { toDenoiseError, UsageError } from '../../errors.js';
import { dataFolder } from '../../files/data-folder.js';
import type { CommandContext } from '../context.js';
import { integerFrom, numberFrom } from '../number-options.js';

const EXAMPLES = `
Examples:
  denoise retune --now --profile shack          ten minutes of training on the noise of the shack
  denoise retune --schedule "0 3 * * *"         every night at three, until Ctrl-C; a missed night is caught up once
  denoise retune --status                       what the nights brought
`;

interface RetuneCommandOptions {
  now?: boolean;
  schedule?: string;
  status?: boolean;
  use: ModelUse;
  profile: string;
  minutes: number;
  cores?: number;
  replay?: string;
  nominate?: boolean;
  set: string[];
  json?: boolean;
  quiet?: boolean;
}

/** `denoise retune`: the champion tuned to captured noise, judged, and exchanged if it is better. */
export function addRetuneCommand(program: Command, context: CommandContext): void {
  program
    .command('retune')
    .description('tune the model in use to captured noise, and exchange it if it is better')
    .option('--now', 'once, now')
    .addOption(new Option('--schedule <cron>', 'at these times, until Ctrl-C').conflicts(['now', 'status']))
    .addOption(new Option('--status', 'show what was done').conflicts('now'))
    .option('--use <use>', 'speech, or radio: voice over a radio', parseUse, 'speech')
    .option('--profile <name>', 'whose noise', 'default')
    .option('--minutes <minutes>', 'how long to train', numberFrom(0.01), 10)
    .option('--cores <count>', 'trials at the same time (default: half of the cores)', integerFrom(1))
    .option('--replay <folder>', 'other speech and noise to train with (default: the corpus that ships)')
    .option('--nominate', 'only make it candidate: a live session tries it')
    .option(
      '--set <key=value>',
      'change a setting of the trainings (repeatable)',
      (value: string, before: string[]) => [...before, value],
      [],
    )
    .option('--json', 'print JSON instead of sentences')
    .option('-q, --quiet', 'print nothing but errors')
    .addHelpText('after', EXAMPLES)
    .action((options: RetuneCommandOptions) => run(options, context));
}

async function run(options: RetuneCommandOptions, context: CommandContext): Promise<void> {
  const { output } = context;
  output.configure({ json: options.json ?? false, quiet: options.quiet ?? false });
  if (options.status === true) return showStatus(context);
  if (options.schedule !== undefined) return runScheduled(options.schedule, options, context);
  if (options.now === true) return retuneOnce(options, context);
  throw new UsageError('E_USAGE', 'Nothing says when to retune.', {
    hint: 'Give --now, --schedule CRON or --status.',
  });
}

async function showStatus({ output }: CommandContext): Promise<void> {
  const { RetuneHistory } = await import('../../online/retune-history.js');
  const { describeHistory } = await import('../text/retune-history.js');
  const events = new RetuneHistory(dataFolder()).events();
  output.result({ events });
  output.report(...describeHistory(events));
}

async function retuneOnce(options: RetuneCommandOptions, { output, signal }: CommandContext): Promise<void> {
  stepBack();
  const { retune } = await import('../../online/retune.js');
  const { describeRetuneEvent } = await import('../../online/describe-retune-event.js');
  const { parseOverrides } = await import('../../training/run/resolve-job.js');
  const { use, profile, minutes, replay, nominate } = options;
  await retune({
    data: dataFolder(),
    ...{ use, profile, seconds: 60 * minutes, replay, nominate, signal },
    cores: options.cores ?? Math.max(1, Math.floor(availableParallelism() / 2)),
    set: parseOverrides(options.set),
    onEvent: (event) => {
      output.event(event);
      output.report(describeRetuneEvent(event));
    },
  });
}

async function runScheduled(
  cron: string,
  options: RetuneCommandOptions,
  context: CommandContext,
): Promise<void> {
  const { output, signal } = context;
  const [{ CronSchedule, waitUntil }, { RetuneHistory }] = await Promise.all([
    import('../../online/schedule.js'),
    import('../../online/retune-history.js'),
  ]);
  const schedule = new CronSchedule(cron);
  for (;;) {
    const last = new RetuneHistory(dataFolder()).events().findLast(({ kind }) => kind === 'started');
    const next = schedule.next(new Date(), last && new Date(last.time));
    if (next === undefined) return;
    output.report(`Next retuning: ${next.toLocaleString('sv')}`);
    await waitUntil(next, signal);
    try {
      await retuneOnce(options, context);
    } catch (error) {
      // One bad night does not end the nights.
      signal.throwIfAborted();
      output.warn(toDenoiseError(error, 'Retuning').message);
      await waitUntil(new Date(Date.now() + 60_000), signal);
    }
  }
}

/** What runs live goes first. */
function stepBack(): void {
  const low = constants.priority.PRIORITY_BELOW_NORMAL;
  if (getPriority() < low) setPriority(low);
}

function parseUse(text: string): ModelUse {
  const use = MODEL_USES.find((known) => known === text);
  if (use === undefined) throw new InvalidArgumentError(`Choose one of: ${MODEL_USES.join(', ')}.`);
  return use;
}
