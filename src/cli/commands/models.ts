import type { Command } from 'commander';
import { DEFAULT_MODEL, pretrainedNames, readCheckpoint } from '../../../models/catalogue.js';
import type { CheckpointInfo } from '../../../models/checkpoint.js';
import type { CommandContext } from '../context.js';
import { summarise } from '../model-summary.js';
import { table } from '../table.js';

/** What the file of a model says. Checkpoints are loaded with all the families, which no other command should wait for. */
async function inspect(nameOrPath: string): Promise<CheckpointInfo> {
  const { inspectCheckpoint } = await import('../../../models/checkpoint.js');
  return inspectCheckpoint(await readCheckpoint(nameOrPath));
}

/** `denoise models list|show`. */
export function addModelsCommand(program: Command, { output }: CommandContext): void {
  const models = program.command('models').description('list and show models');

  models
    .command('list')
    .description('the models that ship with the program')
    .option('--json', 'print one JSON document instead of a table')
    .action(async ({ json }: { json?: boolean }) => {
      output.configure({ json: json ?? false });
      const found = [];
      for (const name of pretrainedNames()) found.push(summarise(await inspect(name), name));
      output.result({ models: found, default: DEFAULT_MODEL });
      const rows = found.map(({ name, family, parameters, sampleRate, latencyMs }) => [
        name === DEFAULT_MODEL ? `${name} (default)` : name,
        family,
        parameters.toLocaleString('en'),
        `${sampleRate / 1000} kHz`,
        `${latencyMs} ms`,
      ]);
      output.report(...table(['model', 'family', 'parameters', 'rate', 'latency'], rows));
    });

  models
    .command('show')
    .description('what a model says about itself')
    .argument('<NAME|PATH>', 'a shipped model, or a checkpoint')
    .option('--json', 'print one JSON document instead of lines')
    .action(async (asked: string, { json }: { json?: boolean }) => {
      output.configure({ json: json ?? false });
      const info = await inspect(asked);
      const { config, states, training, dataHash, parent, hop } = info;
      const summary = summarise(info, asked);
      output.result({ ...summary, hop, config, states, training, dataHash, parent });
      output.report(...describe(info, summary.name, summary.latencyMs));
    });
}

function describe(info: CheckpointInfo, name: string, latencyMs: number): string[] {
  const memory = info.states.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
  const lines: [string, string | undefined][] = [
    ['model', name],
    ['family', info.family || 'made elsewhere'],
    ['parameters', info.parameters.toLocaleString('en')],
    ['rate', `${info.sampleRate} Hz`],
    ['hop', `${info.hop} samples`],
    ['latency', `${info.latencySamples} samples, ${latencyMs} ms`],
    ['memory', `${memory.toLocaleString('en')} numbers in ${info.states.length} states`],
    ['config', info.config === undefined ? undefined : JSON.stringify(info.config)],
    ['training', info.training === undefined ? undefined : JSON.stringify(info.training)],
    ['data', info.dataHash],
    ['tuned from', info.parent],
    ['SHA-256', info.hash],
  ];
  return lines.flatMap(([label, value]) => (value === undefined ? [] : [`${label.padEnd(12)}${value}`]));
}
