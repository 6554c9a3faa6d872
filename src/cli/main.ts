import { existsSync } from 'node:fs';
import { UsageError } from '../errors.js';
import { toOutputError } from '../files/output-error.js';
import type { CommandContext } from './context.js';
import { EXIT } from './exit-code.js';
import { catchStrays, reportFatal } from './fatal.js';
import { listenForInterrupts } from './interrupt.js';
import { Output } from './output.js';
import { createProgram } from './program.js';

/**
 * Runs the command line.
 *
 * @param args - arguments without node and the script.
 * @returns the exit code: 0 done, 1 failed, 2 wrong usage, 128 + n ended by signal n. Never throws.
 */
export async function main(args: readonly string[]): Promise<number> {
  const output = new Output();
  // Known before the options are parsed, so that wrong usage is told as JSON as well.
  output.configure({ json: args.includes('--json') });
  catchStrays(output);
  ignoreClosedPipe(process.stdout);
  ignoreClosedPipe(process.stderr);
  const interrupts = listenForInterrupts();
  const context: CommandContext = { output, signal: interrupts.signal, exitCode: EXIT.done };
  const program = createProgram(context);
  try {
    refuseDashNames(args);
    await program.parseAsync(args, { from: 'user' });
    return context.exitCode;
  } catch (error) {
    const word = args.find((one) => !one.startsWith('-'));
    const command = program.commands.find((one) => one.name() === word);
    return reportFatal(error, output, command?.name());
  } finally {
    interrupts.dispose();
  }
}

/** `-dash.wav` would be read as `-d ash.wav`. @throws UsageError `E_DASH_NAME` for options that are files */
function refuseDashNames(args: readonly string[]): void {
  const end = args.indexOf('--');
  const name = args
    .slice(0, end < 0 ? args.length : end)
    .find((arg) => /^-[^-].*\.\w+$/.test(arg) && existsSync(arg));
  if (name === undefined) return;
  throw new UsageError('E_DASH_NAME', `${name} is a file, and would be read as options.`, {
    hint: `Write ./${name} instead.`,
  });
}

/** `denoise … | head` closes the pipe early: what a reader did not want is no error. Writers of audio listen themselves. */
function ignoreClosedPipe(stream: NodeJS.WriteStream): void {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE' && stream.listenerCount('error') === 1)
      throw toOutputError(error, stream === process.stdout ? 'stdout' : 'stderr');
  });
}
