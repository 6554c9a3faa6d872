import { existsSync } from 'node:fs';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { ModelRegistry } from '../../../models/registry.js';
import { MODEL_ALIASES, MODEL_USES, type ModelAlias, type ModelUse } from '../../../models/use.js';
import { OutputError, UsageError } from '../../errors.js';
import { writeFileAtomically } from '../../files/atomic-file.js';
import type { CommandContext } from '../context.js';

const EXAMPLES = `
Examples:
  denoise models import runs/2026-11-24-unet1d-lstm      keeps the model of a run; prints its version
  denoise models promote 3f2a1b                          denoise FILE and live use it from now on
  denoise models promote radio/candidate --use radio     the candidate becomes champion
  denoise models rollback                                the champion before it is champion again
`;

interface CommonOptions {
  json?: boolean;
}

/** `denoise models`: the models that ship, those that were added, and who serves. */
export function addModelsCommand(program: Command, context: CommandContext): void {
  const models = program.command('models').description('list models, and choose who serves');
  models.addHelpText('after', EXAMPLES);
  addReading(models, context);
  addChanging(models, context);
}

/** `list`, `show`, `export`. */
function addReading(models: Command, { output, signal }: CommandContext): void {
  jsonOption(models.command('list'))
    .description('models that ship with the program, versions that were added, and who serves')
    .action(async ({ json }: CommonOptions) => {
      output.configure({ json: json ?? false });
      const { listModels, describeList } = await import('../text/model-list.js');
      const list = await listModels((await openRegistry()).state());
      output.result(list);
      output.report(...describeList(list));
    });
  jsonOption(models.command('show'))
    .description('what a model says about itself')
    .argument('<MODEL>', 'a shipped name, a file, a run folder, an alias, or a version')
    .action(async (asked: string, { json }: CommonOptions) => {
      output.configure({ json: json ?? false });
      const { showModel, describeModel } = await import('../text/model-list.js');
      const shown = await showModel(asked, (await openRegistry()).state(), signal);
      output.result(shown);
      output.report(...describeModel(shown));
    });
  models
    .command('export')
    .description('copy a model into a file')
    .argument('<MODEL>', 'what to copy')
    .argument('<FILE>', 'where to, such as mine.onnx')
    .option('-f, --force', 'overwrite a file that is there')
    .action(async (asked: string, file: string, { force }: { force?: boolean }) => {
      const { openModel } = await import('../../../models/open-model.js');
      const { checkpoint, name } = await openModel(asked, { signal });
      if (existsSync(file) && force !== true)
        throw new OutputError('E_EXISTS', `${file} exists already.`, {
          hint: 'Add --force to overwrite it, or choose another name.',
        });
      writeFileAtomically(file, checkpoint.bytes);
      output.report(`${name} → ${file}`);
    });
}

/** `import`, `promote`, `rollback`, `remove`. */
function addChanging(models: Command, { output, signal }: CommandContext): void {
  jsonOption(models.command('import'))
    .description('keep a model as a version')
    .argument('<MODEL>', 'a file, or the folder of a training run')
    .action(async (asked: string, { json }: CommonOptions) => {
      output.configure({ json: json ?? false });
      const { openModel } = await import('../../../models/open-model.js');
      const { checkpoint, name } = await openModel(asked, { signal });
      const version = (await openRegistry()).add(checkpoint, asked);
      output.result({ version, name });
      output.report(
        `${name} is version ${version.slice(0, 12)}. Use it: denoise models promote ${version.slice(0, 12)}`,
      );
    });
  useOption(jsonOption(models.command('promote')))
    .description('make a version the champion of a use: denoise FILE and denoise live use it from now on')
    .argument('<VERSION>', 'six or more of its digits, or candidate')
    .addOption(
      new Option('--as <alias>', 'candidate: only beside the champion')
        .choices(MODEL_ALIASES)
        .default('champion'),
    )
    .action(async (asked: string, { use, as, json }: CommonOptions & { use: ModelUse; as: ModelAlias }) => {
      output.configure({ json: json ?? false });
      const registry = await openRegistry();
      const version = demandVersion(registry, asked, use);
      if (as === 'candidate') registry.nominate(version, use);
      else registry.promote(version, use);
      output.result({ use, ...registry.state().uses[use] });
      output.report(`${version.slice(0, 12)} is the ${as} of ${use}.`);
    });
  useOption(jsonOption(models.command('rollback')))
    .description('make the champion before this one the champion again')
    .action(async ({ use, json }: CommonOptions & { use: ModelUse }) => {
      output.configure({ json: json ?? false });
      const registry = await openRegistry();
      const version = registry.rollback(use);
      output.result({ use, ...registry.state().uses[use] });
      const champion = version === null ? 'The model that ships' : version.slice(0, 12);
      output.report(`${champion} is the champion of ${use} again.`);
    });
  models
    .command('remove')
    .description('forget a version and remove its file')
    .argument('<VERSION>', 'six or more of its digits')
    .action(async (asked: string) => {
      const registry = await openRegistry();
      const version = demandVersion(registry, asked, 'speech');
      registry.remove(version);
      output.report(`${version.slice(0, 12)} is removed.`);
    });
}

/** Checkpoints are loaded with all the families, which no other command should wait for. */
async function openRegistry(): Promise<ModelRegistry> {
  const { ModelRegistry } = await import('../../../models/registry.js');
  return new ModelRegistry();
}

function demandVersion(registry: ModelRegistry, asked: string, use: ModelUse): string {
  const version = registry.find(asked, use);
  if (version !== undefined) return version;
  throw new UsageError('E_NO_VERSION', `There is no version ${asked}.`, {
    hint: 'See denoise models list; keep a file as a version with denoise models import.',
  });
}

function useOption(command: Command): Command {
  const parse = (text: string): ModelUse => {
    const use = MODEL_USES.find((known) => known === text);
    if (use === undefined) throw new InvalidArgumentError(`Choose one of: ${MODEL_USES.join(', ')}.`);
    return use;
  };
  return command.option('--use <use>', 'speech, or radio: voice over a radio', parse, 'speech');
}

const jsonOption = (command: Command): Command =>
  command.option('--json', 'print one JSON document instead of sentences');
