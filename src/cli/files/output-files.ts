import { stat } from 'node:fs/promises';
import { basename, dirname, extname, join, resolve, sep } from 'node:path';
import type { FileTask } from '../../../streams/file/denoise-file.js';
import {
  containerOfName,
  denoisedName,
  isDenoisedName,
  type OutputContainer,
} from '../../audio/file-endings.js';
import { OutputError, UsageError } from '../../errors.js';
import { fileIdentity } from '../../files/file-identity.js';
import { type InputFile, isFolder, PIPE } from './input-files.js';

export interface OutputChoice {
  /** What `-o` said: a file, a folder (existing, or ending in a slash), or `-`. */
  output?: string;
  /** What `--format` said. */
  format?: OutputContainer;
  /** What `--plot` said: a file, or a folder where there are several recordings. */
  plot?: string;
  /** Overwrite a file that the program did not make. */
  force?: boolean;
}

/**
 * Pairs every input with its output, before anything is opened.
 *
 * Without `-o` the output lies next to the input as `NAME.denoised.wav` (or `.flac`); stdin goes to stdout.
 *
 * @throws UsageError `E_SAME_OUTPUT` where two inputs would go to one output; `E_ONE_OUTPUT` for several inputs
 * and one file in `-o`, `E_ONE_PLOT` for one file in `--plot`, `E_OUTPUT_FORMAT` for a kind of file that cannot be
 * written.
 * @throws OutputError `E_SAME_FILE`, and `E_EXISTS` for a file that is not the program's own.
 */
export async function pairOutputs(inputs: readonly InputFile[], choice: OutputChoice): Promise<FileTask[]> {
  const toFolder = choice.output !== undefined && (await meansFolder(choice.output));
  if (inputs.length > 1 && choice.output !== undefined && !toFolder) {
    throw new UsageError(
      'E_ONE_OUTPUT',
      `There are ${inputs.length} recordings to denoise, and -o ${choice.output} is one file.`,
      { hint: 'Name a folder instead, ending in a slash if it does not exist yet.' },
    );
  }
  if (choice.output !== undefined && !toFolder && choice.format === undefined) containerOfName(choice.output);
  const plotOf = await plotsOf(inputs, choice.plot);
  const pairs = inputs.map((input) => ({
    input: input.path,
    output: outputOf(input, choice, toFolder),
    ...plotOf(input),
  }));
  refuseCollisions(pairs);
  await refuseDestruction(pairs, choice.force ?? false);
  return pairs;
}

async function meansFolder(output: string): Promise<boolean> {
  if (output === PIPE) return false;
  return output.endsWith('/') || output.endsWith(sep) || (await isFolder(output));
}

function outputOf(input: InputFile, choice: OutputChoice, toFolder: boolean): string {
  const chosen = choice.output;
  if (chosen !== undefined && !toFolder) return chosen;
  if (chosen === undefined && input.path === PIPE) return PIPE;
  const place = chosen === undefined ? dirname(input.path) : join(chosen, dirname(input.relative));
  return join(place, denoisedName(input.relative, choice.format));
}

async function plotsOf(
  inputs: readonly InputFile[],
  chosen: string | undefined,
): Promise<(input: InputFile) => { plot?: string }> {
  if (chosen === undefined) return () => ({});
  if (await meansFolder(chosen)) {
    return ({ relative }) => ({
      plot: join(chosen, dirname(relative), `${basename(relative, extname(relative))}.png`),
    });
  }
  if (inputs.length > 1) {
    throw new UsageError(
      'E_ONE_PLOT',
      `There are ${inputs.length} recordings to draw, and --plot ${chosen} is one file.`,
      {
        hint: 'Name a folder instead, ending in a slash if it does not exist yet.',
      },
    );
  }
  return () => ({ plot: chosen });
}

function refuseCollisions(pairs: readonly FileTask[]): void {
  const inputOf = new Map<string, string>();
  for (const { input, output } of pairs) {
    const place = output === PIPE ? PIPE : resolve(output);
    const other = inputOf.get(place);
    if (other !== undefined) {
      throw new UsageError('E_SAME_OUTPUT', `${other} and ${input} would both be written to ${output}.`, {
        hint: 'Denoise them one by one with -o.',
      });
    }
    inputOf.set(place, input);
  }
}

async function refuseDestruction(pairs: readonly FileTask[], force: boolean): Promise<void> {
  const inputs = new Map<string, string>();
  for (const { input } of pairs) {
    const id = input === PIPE ? undefined : await fileIdentity(input);
    if (id !== undefined) inputs.set(id, input);
  }
  for (const { output } of pairs) {
    if (output === PIPE) continue;
    const input = inputs.get((await fileIdentity(output)) ?? '');
    if (input !== undefined) {
      throw new OutputError('E_SAME_FILE', `The output ${output} is the input ${input} itself.`, {
        hint: 'Choose another name with -o.',
      });
    }
    const taken = (await isFile(output)) && !isDenoisedName(output);
    if (taken && !force) {
      throw new OutputError('E_EXISTS', `${output} exists already.`, {
        hint: 'Add --force to overwrite it, or choose another name with -o.',
      });
    }
  }
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (entry) => entry.isFile(),
    () => false,
  );
}
