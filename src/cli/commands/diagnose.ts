import type { Command } from 'commander';
import type { CommandContext } from '../context.js';

const EXAMPLES = `
Examples:
  denoise diagnose runs/2026-11-21-unet1d-lstm          what went well, what did not, what to do next
  denoise diagnose runs/2026-11-21-unet1d-lstm --json   the same for a program
`;

/** `denoise diagnose RUN`: the training doctor. */
export function addDiagnoseCommand(program: Command, context: CommandContext): void {
  program
    .command('diagnose')
    .description('Read a training run and say what is wrong with it, and what to run next.')
    .argument('<run>', 'folder that `denoise train` wrote')
    .option('--json', 'print one JSON document instead of sentences')
    .addHelpText('after', EXAMPLES)
    .action(async (folder: string, options: { json?: boolean }) => {
      const { output } = context;
      output.configure({ json: options.json ?? false });
      const { readRun } = await import('../../training/run/run-folder.js');
      const { diagnose, formatDiagnosis } = await import('../../training/diagnose/index.js');
      const diagnosis = diagnose(readRun(folder));
      output.result(diagnosis);
      output.report(...formatDiagnosis(diagnosis).split('\n'));
    });
}
