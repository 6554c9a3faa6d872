import { type Command, Option } from 'commander';
import type { CommandContext } from '../context.js';
import { MODEL_OPTION, modelHelp } from '../model-option.js';
import { integerFrom, numberFrom } from '../number-options.js';
import type { ServeCommandOptions } from '../serve/command-options.js';

const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'];

const EXAMPLES = `
Examples:
  denoise serve                                        for programs of this machine; try it at http://127.0.0.1:8074/
  denoise serve --listen 0.0.0.0:8074 --cert chain.pem --key key.pem --workers 4

Other machines need the secret in the variable DENOISE_TOKEN. SIGTERM lets the streams that there are go on for --drain
seconds. docs/serve.md has the protocol, clients, and how to run it behind a balancer.
`;

/** `denoise serve`: many remote streams over WebSocket. */
export function addServeCommand(program: Command, context: CommandContext): void {
  program
    .command('serve')
    .description('denoise many remote streams over WebSocket')
    .option('--listen <address>', '[HOST:]PORT', '127.0.0.1:8074')
    .option(
      '--origin <origin>',
      'a page that may connect, such as https://radio.example; several are possible',
      collect,
      [],
    )
    .option('--cert <file>', 'certificate chain, PEM: the server speaks TLS')
    .option('--key <file>', 'its key, PEM')
    .option(MODEL_OPTION, modelHelp('speech/champion'))
    .option('-d, --device <device>', 'cpu, webgpu, cuda, coreml, dml or auto', 'auto')
    .option(
      '--workers <n>',
      'processes behind the port: as many as there are cores for it',
      integerFrom(1),
      1,
    )
    .option('--batch <n>', 'most streams in one run of the model, up to 32', integerFrom(1), 32)
    .option('--max-streams <n>', 'most streams of one process', integerFrom(1), 200)
    .option('--drain <seconds>', 'how long streams may go on after SIGTERM', numberFrom(0), 30)
    .addOption(
      new Option('--log-level <level>', 'of the log on stderr, JSON lines')
        .choices(LOG_LEVELS)
        .default('info'),
    )
    .option('--json', 'print one JSON object per line instead of sentences')
    .option('-q, --quiet', 'print nothing but errors')
    .addHelpText('after', EXAMPLES)
    .action(async (options: ServeCommandOptions) => {
      const { runServe } = await import('../serve/run.js');
      await runServe(options, context);
    });
}

const collect = (value: string, previous: string[]): string[] => [...previous, value];
