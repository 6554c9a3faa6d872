import { stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { type Command, Option } from 'commander';
import type { FileTask } from '../../../streams/file/denoise-file.js';
import { OUTPUT_CONTAINERS } from '../../audio/file-endings.js';
import { UsageError } from '../../errors.js';
import { nearest } from '../../suggest.js';
import type { CommandContext } from '../context.js';
import { EXIT } from '../exit-code.js';
import { type AttemptOptions, attempt, type Outcome } from '../files/attempt.js';
import { findInputFiles, PIPE, type SkippedFile } from '../files/input-files.js';
import { pairOutputs } from '../files/output-files.js';
import { MODEL_OPTION, modelHelp } from '../model-option.js';
import { musicOption } from '../music-option.js';
import { numberFrom, parseBits, parseMaxAttenuation, parseStrength, parseSuffix } from '../number-options.js';
import { describeSkipped, type UsedModel } from '../text/file-report.js';
import { summarise } from '../text/model-summary.js';
import { parseTimeRange } from '../time-range.js';

interface FileOptions extends AttemptOptions {
  output?: string;
  model?: string;
  device: string;
  suffix?: string;
  recursive?: boolean;
  plot?: string;
  force?: boolean;
  json?: boolean;
  quiet?: boolean;
}

const EXAMPLES = `
Examples:
  denoise talk.wav                        writes talk.denoised.wav next to it
  denoise talk.flac -o clean.wav          chooses the name
  denoise talk.wav --plot talk.png        draws the spectrograms before and after
  denoise talk.wav --strength 0.7         keeps some of the room
  denoise interviews/ -r -o cleaned/      every recording of a folder and of those in it
  denoise talk.wav --adapt                tunes the model to the noise of the recording first
  denoise long.mp3 --preview 20           only the first 20 seconds, to listen
  arecord -f cd | denoise - > clean.wav   through pipes, WAV in and out
`;

/** The command without a name: `denoise FILE…`. */
export function addFileCommand(program: Command, context: CommandContext): void {
  program
    .description('Takes the noise out of recordings. The original is never touched.')
    .usage('[options] FILE…\n       denoise COMMAND')
    .argument('[FILE...]', 'recordings (WAV, FLAC), folders of them, or - for stdin')
    .option(
      '-o, --output <path>',
      'file, folder, or - for stdout (default: NAME.denoised.wav or .flac next to the input)',
    )
    .option(MODEL_OPTION, modelHelp('champion, else the model that ships'))
    .option('-d, --device <device>', 'cpu, webgpu, cuda, coreml, dml or auto', 'auto')
    .option(
      '-s, --strength <0..1>',
      'how much of the noise to take out; 0 leaves all untouched',
      parseStrength,
      1,
    )
    .addOption(
      new Option('--max-attenuation <dB>', 'take nothing down by more than so many dB')
        .argParser(parseMaxAttenuation)
        .conflicts('strength'),
    )
    .option(
      '--adapt [seconds]',
      'first tune the model to the noise of the recording, for so long (default: 40), and keep it if it is better',
      numberFrom(1),
    )
    .option(
      '--noise-from <from-to>',
      'where there is only noise, such as 0:00-0:02; implies --adapt',
      parseTimeRange,
    )
    .option('--replay <folder>', 'other speech and noise to tune with (default: the corpus that ships)')
    .addOption(musicOption())
    .option('--preview <seconds>', 'only the beginning, into NAME.preview.wav', numberFrom(0.1))
    .option('--suffix <text>', 'what to put before the ending of results (default: .denoised)', parseSuffix)
    .option('-r, --recursive', 'search the folders in folders, too')
    .addOption(
      new Option(
        '--format <format>',
        'kind of file to write (default: as the name says; FLAC for FLAC)',
      ).choices(OUTPUT_CONTAINERS),
    )
    .option('--bits <bits>', 'bits per sample to write, 4 to 32 (default: as the input)', parseBits)
    .option('-p, --plot <png>', 'draw the spectrograms before and after (a folder for several recordings)')
    .option('-f, --force', 'overwrite what is not an earlier result of the same recording')
    .option('--json', 'print one JSON document instead of sentences')
    .option('-q, --quiet', 'print nothing but errors')
    .addHelpText('after', EXAMPLES)
    .action((files: string[], options: FileOptions) => run(files, options, program, context));
}

async function run(
  named: string[],
  options: FileOptions,
  program: Command,
  context: CommandContext,
): Promise<void> {
  const { output, signal } = context;
  output.configure({ json: options.json ?? false, quiet: options.quiet ?? false });
  if (named.length === 0) {
    throw new UsageError('E_NO_INPUT', 'No recording was named.', {
      hint: 'Try `denoise recording.wav`, or `denoise --help`.',
    });
  }
  const { tasks, skipped } = await tasksOf(named, options, program);
  output.configure({ audioOnStdout: tasks.some((task) => task.output === PIPE) });
  refuseTerminal(tasks);
  refuseAdaptingPipe(tasks, options);
  const { Model, openModel, parseDevice, mostChannels } = await loadEngine();
  const device = parseDevice(options.device);
  const workers = Math.min(availableParallelism(), await mostChannels(tasks));
  signal.throwIfAborted();
  const opened = await openModel(options.model, { signal });
  const model = await Model.fromOpened(opened, { device, workers });
  const used: UsedModel = { ...summarise(model), device: model.device };
  try {
    const outcomes: Outcome[] = [];
    for (const task of tasks)
      outcomes.push(await attempt(task, { opened, model, device, workers }, used, options, context));
    output.report(...describeSkipped(skipped));
    finish(outcomes, skipped, used, context);
  } finally {
    await model.close();
  }
}

/** The runtime and all that stands on it take a third of a second to load: not for `--help` and wrong usage. */
async function loadEngine() {
  const [{ Model }, { openModel }, { parseDevice }, { mostChannels }] = await Promise.all([
    import('../../engine/model.js'),
    import('../../../models/open-model.js'),
    import('../../engine/device.js'),
    import('../../../streams/file/denoise-file.js'),
  ]);
  return { Model, openModel, parseDevice, mostChannels };
}

/** Pairs inputs and outputs; a first word that is no file but nearly a command is taken for a slip. */
async function tasksOf(
  named: string[],
  options: FileOptions,
  program: Command,
): Promise<{ tasks: FileTask[]; skipped: SkippedFile[] }> {
  const commands = program.commands.map((command) => command.name());
  const [first] = named;
  const slip = /^[a-z-]+$/.test(first) && !(await exists(first)) ? nearest(first, commands) : undefined;
  if (slip !== undefined) {
    throw new UsageError('E_UNKNOWN_COMMAND', `There is no file and no command called ${first}.`, {
      hint: `Did you mean \`denoise ${slip}\`?`,
    });
  }
  const { files, skipped } = await findInputFiles(named, options);
  return { tasks: await pairOutputs(files, options), skipped };
}

/** The summary of several recordings, the JSON document, and the exit code. */
function finish(
  outcomes: readonly Outcome[],
  skipped: readonly SkippedFile[],
  model: UsedModel,
  context: CommandContext,
): void {
  const { output } = context;
  const failed = outcomes.filter((outcome) => 'error' in outcome).length;
  const succeeded = outcomes.length - failed;
  if (outcomes.length > 1) {
    const failures = failed === 0 ? '' : `, ${failed} failed`;
    output.report(`${succeeded} of ${outcomes.length} recordings done${failures}.`);
  }
  // Largest resident set so far; Node gives it in KiB on every platform.
  const peakMemoryMiB = process.resourceUsage().maxRSS / 1024;
  const { user, system } = process.cpuUsage();
  const processorSeconds = (user + system) / 1e6;
  output.result({ files: outcomes, skipped, succeeded, failed, model, peakMemoryMiB, processorSeconds });
  if (failed > 0) context.exitCode = EXIT.failed;
}

/** A pipe is heard once, and tuning needs to hear the recording before it is denoised. */
function refuseAdaptingPipe(tasks: readonly FileTask[], { adapt, noiseFrom, replay }: FileOptions): void {
  const adapts = adapt !== undefined || noiseFrom !== undefined;
  if (adapts && tasks.some(({ input }) => input === PIPE))
    throw new UsageError('E_ADAPT_PIPE', 'A model cannot be tuned to what comes through a pipe.', {
      hint: 'Write it to a file first, and name that.',
    });
  if (!adapts && replay !== undefined)
    throw new UsageError('E_REPLAY', '--replay is for --adapt.', { hint: 'Add --adapt, or leave it out.' });
}

/** Samples are no text: they would garble the terminal, or be waited for from the keyboard. */
function refuseTerminal(tasks: readonly FileTask[]): void {
  if (process.stdin.isTTY && tasks.some((task) => task.input === PIPE)) {
    throw new UsageError('E_TERMINAL', 'The recording would be read from the keyboard.', {
      hint: 'Give it through a pipe: denoise - < talk.wav > clean.wav',
    });
  }
  if (process.stdout.isTTY && tasks.some((task) => task.output === PIPE)) {
    throw new UsageError('E_TERMINAL', 'The samples would be written to the terminal.', {
      hint: 'Name a file with -o, or send stdout to one: > clean.wav',
    });
  }
}

function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
