import type { Command } from 'commander';
import type { CommandContext } from '../context.js';
import type { MonitorCommandOptions } from '../monitor/run.js';

const EXAMPLES = `
Examples:
  denoise monitor runs/2026-11-21-unet1d-lstm      a training, while it runs or after, at http://127.0.0.1:8073/
  denoise monitor quick                            the study in studies/quick
  denoise monitor full --storage redis://host:6379
  denoise monitor                                  the models of this machine and their retunings

A radio or microphone is watched with denoise live --monitor. Other machines need the secret in the variable DENOISE_TOKEN.
`;

/** `denoise monitor [RUN|STUDY]`: trainings, studies and models in a browser. */
export function addMonitorCommand(program: Command, context: CommandContext): void {
  program
    .command('monitor')
    .description('show a training, a study and the models in a browser')
    .argument('[what]', 'folder of a run, or a study: its name or its folder')
    .option('--listen <address>', '[HOST:]PORT (default: 127.0.0.1:8073)')
    .option('--storage <url>', 'where the study is shared: redis://… or postgres://…')
    .option('--read-only', 'the page only shows')
    .option('--cert <file>', 'certificate chain, PEM: the page is at https')
    .option('--key <file>', 'its key, PEM')
    .option('--log <file>', 'who connects and what they command, a JSON object a line')
    .option('--json', 'print one JSON object per line instead of sentences')
    .option('-q, --quiet', 'print nothing but errors')
    .addHelpText('after', EXAMPLES)
    .action(async (what: string | undefined, options: MonitorCommandOptions) => {
      const { runMonitor } = await import('../monitor/run.js');
      await runMonitor(what, options, context);
    });
}
