import { Command } from 'commander';
import { packageVersion } from '../package-root.js';
import { addAnalyzeCommand } from './commands/analyze.js';
import { addChannelsCommand } from './commands/channels.js';
import { addDevicesCommand } from './commands/devices.js';
import { addDiagnoseCommand } from './commands/diagnose.js';
import { addEvalCommand } from './commands/eval.js';
import { addFileCommand } from './commands/file.js';
import { addLiveCommand } from './commands/live.js';
import { addModelsCommand } from './commands/models.js';
import { addMonitorCommand } from './commands/monitor.js';
import { addNoiseCommand } from './commands/noise.js';
import { addRetuneCommand } from './commands/retune.js';
import { addServeCommand } from './commands/serve.js';
import { addTrainCommand } from './commands/train.js';
import { addTuneCommand } from './commands/tune.js';
import { addWorkerCommand } from './commands/worker.js';
import type { CommandContext } from './context.js';

/**
 * The command line: `denoise FILE…` itself and its commands. Nothing here prints or exits: commander's own errors
 * come out as exceptions, for src/cli/fatal.ts to say.
 */
export function createProgram(context: CommandContext): Command {
  const program = new Command('denoise')
    .version(packageVersion(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    // An option after a command's name is that command's own.
    .enablePositionalOptions()
    .configureHelp({ showGlobalOptions: false });
  addFileCommand(program, context);
  addLiveCommand(program, context);
  addServeCommand(program, context);
  addMonitorCommand(program, context);
  addChannelsCommand(program, context);
  addModelsCommand(program, context);
  addRetuneCommand(program, context);
  addNoiseCommand(program, context);
  addEvalCommand(program, context);
  addTrainCommand(program, context);
  addDiagnoseCommand(program, context);
  addTuneCommand(program, context);
  addAnalyzeCommand(program, context);
  addWorkerCommand(program, context);
  addDevicesCommand(program, context);
  tame(program);
  return program;
}

/** Commands inherit these settings only when made through `.command()`; set them on all, however they were made. */
function tame(command: Command): void {
  command.exitOverride().configureOutput({ outputError: () => {} });
  for (const child of command.commands) tame(child);
}
