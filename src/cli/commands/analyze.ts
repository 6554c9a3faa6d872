import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { InputError } from '../../errors.js';
import { nearest } from '../../suggest.js';
import type { StudyView } from '../../tuning/study-view.js';
import type { CommandContext } from '../context.js';
import { table } from '../text/table.js';

interface AnalyzeOptions {
  storage?: string;
  folder?: string;
  compare: string[];
  list?: boolean;
  note?: string;
  json?: boolean;
}

const EXAMPLES = `
Examples:
  denoise analyze quick                       top five, impact of each hyperparameter, over-fitting
  denoise analyze full --compare tpe          two studies side by side, in the report
  denoise analyze --list                      the studies in studies/
  denoise analyze full --storage redis://host:6379

Beside the study: hyperparameter_results.json, trials.csv, report.html and charts. No training, just analysis.
`;

/** `denoise analyze [STUDY]`: what a study says, while it runs or after. */
export function addAnalyzeCommand(program: Command, context: CommandContext): void {
  const collect = (value: string, before: string[]): string[] => [...before, value];
  program
    .command('analyze')
    .description('Say what a study found: best configurations, what decides, over-fitting.')
    .argument('[study]', 'name of the study, or its folder (default: the only one there is)')
    .option('--storage <url>', 'where it is shared: redis://… or postgres://…')
    .option('--folder <folder>', 'where to write the report (default: studies/NAME)')
    .option('--compare <study>', 'another study, side by side in the report (repeatable)', collect, [])
    .option('--note <text>', 'write a note to the study')
    .option('--list', 'list the studies')
    .option('--json', 'print one JSON document instead of sentences')
    .addHelpText('after', EXAMPLES)
    .action((study: string | undefined, options: AnalyzeOptions) => run(study, options, context));
}

async function run(
  name: string | undefined,
  options: AnalyzeOptions,
  { output }: CommandContext,
): Promise<void> {
  output.configure({ json: options.json ?? false });
  const { analyseStudy } = await import('../../tuning/analyse/analysis.js');
  if (options.list === true) {
    const analyses = [];
    for (const one of await studyNames()) analyses.push(analyseStudy(await viewOf(one, {})));
    output.result({ studies: analyses });
    const rows = analyses.map(({ study, counts, summary }) => [
      study,
      String(counts.complete),
      summary === undefined ? '' : summary.best.toPrecision(4),
    ]);
    output.report(...table(['study', 'complete', 'best'], rows));
    return;
  }
  const { writeAnalysis } = await import('../../tuning/analyse/write-analysis.js');
  const { describeAnalysis } = await import('../text/analysis-text.js');
  const study = name ?? (await onlyStudy());
  const view = await viewOf(study, options);
  const others: StudyView[] = [];
  for (const other of options.compare) others.push(await viewOf(other, { storage: options.storage }));
  const folder = options.folder ?? (await folderOf(study));
  const files = writeAnalysis(folder, view, others);
  const analysis = analyseStudy(view);
  output.result({ ...analysis, files });
  output.report(...describeAnalysis(analysis), '', `Report: ${join(folder, 'report.html')}`);
}

/** A study is named, or its folder is. */
async function folderOf(study: string): Promise<string> {
  const { STUDIES } = await import('../../tuning/open-storage.js');
  return existsSync(join(study, 'journal.jsonl')) ? study : join(STUDIES, study);
}

async function viewOf(
  study: string,
  { storage, note }: Pick<AnalyzeOptions, 'storage' | 'note'>,
): Promise<StudyView> {
  const { openBackend } = await import('../../tuning/open-storage.js');
  const { annotateStudy, readStudy } = await import('../../tuning/read-study.js');
  const folder = await folderOf(study);
  if (storage === undefined && !existsSync(join(folder, 'journal.jsonl'))) throw await noStudy(study);
  const backend = await openBackend(storage, study, folder);
  try {
    if (note !== undefined) await annotateStudy(backend.storage, note);
    return await readStudy(backend.storage);
  } finally {
    await backend.storage.close();
  }
}

async function studyNames(): Promise<string[]> {
  const { STUDIES } = await import('../../tuning/open-storage.js');
  if (!existsSync(STUDIES)) return [];
  return readdirSync(STUDIES).filter((name) => existsSync(join(STUDIES, name, 'journal.jsonl')));
}

async function onlyStudy(): Promise<string> {
  const names = await studyNames();
  if (names.length === 1) return names[0];
  throw new InputError(
    'E_NO_STUDY',
    names.length === 0
      ? 'There is no study here.'
      : `There are ${names.length} studies here: ${names.join(', ')}.`,
    {
      hint: names.length === 0 ? 'Begin one with denoise tune quick.' : 'Name one of them.',
    },
  );
}

async function noStudy(study: string): Promise<InputError> {
  const near = nearest(study, await studyNames());
  return new InputError('E_NO_STUDY', `There is no study "${study}".`, {
    hint: near === undefined ? 'See what there is with denoise analyze --list.' : `Did you mean ${near}?`,
  });
}
