import { CommanderError } from 'commander';
import { toDenoiseError, UsageError } from '../errors.js';
import { EXIT } from './exit-code.js';
import { Interrupted } from './interrupt.js';
import type { Output } from './output.js';

/**
 * Says what ended the program and gives the exit code for it.
 *
 * @param command the command that help on wrong usage is found under; left out: the program
 */
export function reportFatal(error: unknown, output: Output, command?: string): number {
  if (error instanceof Interrupted) return error.exitCode;
  if (error instanceof CommanderError) return reportUsage(error, output, command);
  const known = toDenoiseError(error, 'denoise');
  output.error(known);
  if (known.code === 'E_UNEXPECTED' && process.env.DENOISE_DEBUG !== undefined && error instanceof Error) {
    output.stderr.write(`${error.stack}\n`);
  }
  return known.exitCode;
}

/** Commander ends `--help` and `--version` with an error of exit code 0; everything else is wrong usage. */
function reportUsage(error: CommanderError, output: Output, command?: string): number {
  if (error.exitCode === 0) return EXIT.done;
  // A command that needs a sub-command and got none has printed its help.
  if (error.code === 'commander.help') return EXIT.usage;
  const [what, ...suggestion] = error.message.replace(/^error: /, '').split('\n');
  const didYouMean = suggestion.join(' ').match(/\((Did you mean .*\?)\)/)?.[1];
  const usage = new UsageError('E_USAGE', `${capitalised(what)}.`, {
    hint: `${didYouMean === undefined ? '' : `${didYouMean} `}See ${['denoise', command].filter(Boolean).join(' ')} --help.`,
  });
  output.error(usage);
  return usage.exitCode;
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1).replace(/\.$/, '');
}

/** Errors that no code caught: reported like every other error, then the process ends. A user never sees a raw stack trace. */
export function catchStrays(output: Output): void {
  const end = (error: unknown): void => {
    process.exit(reportFatal(error, output));
  };
  process.on('uncaughtException', end);
  process.on('unhandledRejection', end);
}
