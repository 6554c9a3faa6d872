import { basename, dirname, extname, join, sep } from 'node:path';
import type { FileTask } from '../../../streams/file/denoise-file.js';
import {
  containerOfName,
  type OutputContainer,
  PREVIEW_SUFFIX,
  RESULT_SUFFIX,
  resultEnding,
} from '../../audio/file-endings.js';
import { UsageError } from '../../errors.js';
import { type InputFile, isFolder, PIPE } from './input-files.js';
import { Places } from './places.js';

export interface OutputChoice {
  /** The value of `-o`: a file, a folder (existing, or ending in a slash), or `-`. */
  output?: string;
  /** The value of `--format`. */
  format?: OutputContainer;
  /** The value of `--suffix`: what stands before the ending of a result. */
  suffix?: string;
  /** The value of `--preview`, seconds. */
  preview?: number;
  /** The value of `--plot`: a file, or a folder where there are several recordings. */
  plot?: string;
  /** Overwrite a file that is not the result of the same recording. */
  force?: boolean;
}

/**
 * Pairs every input with its output, before anything is opened.
 *
 * Without `-o` the output lies next to the input as `NAME.denoised.wav` (or `.flac`); stdin goes to stdout. Where that name
 * belongs to another recording, of this call or an earlier one, it is `NAME.mp3.denoised.wav`, then `NAME.mp3-2.denoised.wav`.
 *
 * @throws UsageError `E_ONE_OUTPUT` for several inputs and one file in `-o`, `E_ONE_PLOT` for one file in `--plot`,
 *   `E_SAME_OUTPUT` for `--plot` and `-o` of one name, `E_OUTPUT_FORMAT` for a kind of file that cannot be written.
 * @throws OutputError `E_SAME_FILE`, and `E_EXISTS` for a file that is not the result of the same recording.
 */
export async function pairOutputs(inputs: readonly InputFile[], choice: OutputChoice): Promise<FileTask[]> {
  const { output, plot, format, force = false } = choice;
  const toFolder = output !== undefined && (await meansFolder(output));
  if (inputs.length > 1 && output !== undefined && !toFolder)
    throw oneForMany('E_ONE_OUTPUT', `${inputs.length} recordings to denoise, and -o ${output}`);
  const plotToFolder = plot !== undefined && (await meansFolder(plot));
  if (inputs.length > 1 && plot !== undefined && !plotToFolder)
    throw oneForMany('E_ONE_PLOT', `${inputs.length} recordings to draw, and --plot ${plot}`);
  if (output !== undefined && !toFolder && format === undefined) containerOfName(output);
  const places = await Places.around(inputs, force);
  const tasks = new Map<InputFile, FileTask>();
  // Names go first to those that are alike but for the suffix: to talk.wav before talk.mp3.
  const keepsEnding = ({ path }: InputFile) => extname(path).toLowerCase() === resultEnding(path, format);
  const inOrder = [...inputs.filter(keepsEnding), ...inputs.filter((input) => !keepsEnding(input))];
  for (const input of inOrder) {
    const task = { input: input.path, output: await outputOf(input, choice, toFolder, places) };
    tasks.set(input, task);
  }
  for (const [input, task] of tasks)
    if (plot !== undefined)
      tasks.set(input, { ...task, plot: await plotOf(input, plot, plotToFolder, places) });
  return inputs.map((input) => tasks.get(input)!);
}

async function meansFolder(output: string): Promise<boolean> {
  if (output === PIPE) return false;
  return output.endsWith('/') || output.endsWith(sep) || (await isFolder(output));
}

function oneForMany(code: string, what: string): UsageError {
  return new UsageError(code, `There are ${what} is one file.`, {
    hint: 'Name a folder instead, ending in a slash if it does not exist yet.',
  });
}

async function outputOf(
  input: InputFile,
  choice: OutputChoice,
  toFolder: boolean,
  places: Places,
): Promise<string> {
  const { output, format, preview } = choice;
  if (output !== undefined && !toFolder) return places.claimResult([output], input);
  // `<(…)` and /dev/stdin are pipes with a name.
  if (output === undefined && (input.path === PIPE || /^\/(dev|proc)\//.test(input.path))) return PIPE;
  const folder = output === undefined ? dirname(input.path) : join(output, dirname(input.relative));
  const suffix = choice.suffix ?? (preview === undefined ? RESULT_SUFFIX : PREVIEW_SUFFIX);
  const ending = `${suffix}${resultEnding(input.relative, format)}`;
  return places.claimResult(candidates(join(folder, basename(input.relative)), ending), input);
}

async function plotOf(input: InputFile, plot: string, toFolder: boolean, places: Places): Promise<string> {
  if (!toFolder) return places.claimPlot([plot]);
  const path = join(plot, dirname(input.relative), basename(input.relative));
  return places.claimPlot(candidates(path, '.png'));
}

/** `talk` + ending, `talk.mp3` + ending, `talk.mp3-2` + ending, … */
function* candidates(path: string, ending: string): Generator<string> {
  yield `${path.slice(0, path.length - extname(path).length)}${ending}`;
  yield `${path}${ending}`;
  for (let number = 2; ; number++) yield `${path}-${number}${ending}`;
}
