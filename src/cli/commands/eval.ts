import { extname } from 'node:path';
import type { Command } from 'commander';
import { isResultName } from '../../audio/file-endings.js';
import { InputError } from '../../errors.js';
import type { Scores } from '../../evaluation/evaluate-recording.js';
import { type EvaluationSummary, type ScoredRecording, summarise } from '../../evaluation/summary.js';
import type { CommandContext } from '../context.js';
import { findInputFiles } from '../files/input-files.js';
import { MODEL_OPTION, modelHelp } from '../model-option.js';
import { table } from '../text/table.js';

interface EvalOptions {
  clean: string;
  noisy: string;
  model?: string;
  device: string;
  json?: boolean;
}

interface Judged extends ScoredRecording {
  file: string;
}

/** Measure, heading, digits. */
const MEASURES: readonly (readonly [keyof Scores, string, number])[] = [
  ['siSdr', 'SI-SDR (dB)', 2],
  ['estoi', 'ESTOI', 3],
  ['segmentalSnr', 'segmental SNR (dB)', 2],
];

/** `denoise eval`: how much a model helps, against the clean originals. */
export function addEvalCommand(program: Command, context: CommandContext): void {
  program
    .command('eval')
    .description('score recordings before and after, against their clean originals')
    .requiredOption('--clean <folder>', 'clean recordings')
    .requiredOption('--noisy <folder>', 'the same with noise, under the same names and aligned')
    .option(MODEL_OPTION, modelHelp('champion, else the model that ships'))
    .option('-d, --device <device>', 'cpu, webgpu, cuda, coreml, dml or auto', 'auto')
    .option('--json', 'print one JSON document instead of a table')
    .action((options: EvalOptions) => run(options, context));
}

async function run(options: EvalOptions, { output, signal }: CommandContext): Promise<void> {
  output.configure({ json: options.json ?? false });
  const pairs = await pairsOf(options.noisy, options.clean);
  const [{ Model }, { parseDevice }, { evaluateRecording }, { readMono }] = await Promise.all([
    import('../../engine/model.js'),
    import('../../engine/device.js'),
    import('../../evaluation/evaluate-recording.js'),
    import('../../training/data/clip-reader.js'),
  ]);
  const model = await Model.load(options.model, {
    device: parseDevice(options.device),
    signal,
  });
  try {
    const judged: Judged[] = [];
    for (const { file, noisy, clean } of pairs) {
      signal.throwIfAborted();
      const [recording, original] = [
        await readMono(noisy, model.info.sampleRate),
        await readMono(clean, model.info.sampleRate),
      ];
      if (recording.length !== original.length) {
        throw new InputError('E_LENGTH_MISMATCH', `${noisy} and ${clean} are not equally long.`, {
          hint: 'Cut them to the same length, aligned to the sample.',
        });
      }
      judged.push({ file, ...(await evaluateRecording(model, recording, original)) });
    }
    const { change, ...mean } = summarise(judged);
    output.result({ files: judged, mean, change });
    output.report(...describeScores(judged, { change, ...mean }));
  } finally {
    await model.close();
  }
}

/** Recordings that have a partner of the same relative name, whatever the ending, and whichever of them is a result. */
async function pairsOf(
  noisyFolder: string,
  cleanFolder: string,
): Promise<{ file: string; noisy: string; clean: string }[]> {
  const find = async (folder: string) =>
    (await findInputFiles([folder], { recursive: true, results: true })).files;
  const originals = new Map((await find(cleanFolder)).map((file) => [stemOf(file.relative), file.path]));
  const pairs = (await find(noisyFolder)).flatMap(({ path, relative: file }) => {
    const clean = originals.get(stemOf(file));
    return clean === undefined ? [] : [{ file, noisy: path, clean }];
  });
  if (pairs.length > 0) return pairs;
  throw new InputError(
    'E_NO_PAIRS',
    `No recording in ${noisyFolder} has a partner of its name in ${cleanFolder}.`,
    {
      hint: 'Give both the same name in the two folders.',
    },
  );
}

/** `a/talk.denoised.wav` → `a/talk`. */
function stemOf(path: string): string {
  const stem = path.slice(0, path.length - extname(path).length);
  return isResultName(path) ? stem.slice(0, stem.lastIndexOf('.')) : stem;
}

/** A row for each file, before → after, one for the mean, and one for its change with the 95 % interval. */
function describeScores(judged: readonly Judged[], summary: EvaluationSummary): string[] {
  const row = (name: string, { before, after }: ScoredRecording): string[] => [
    name,
    ...MEASURES.map(
      ([measure, , digits]) => `${before[measure].toFixed(digits)} → ${after[measure].toFixed(digits)}`,
    ),
  ];
  const changes = MEASURES.map(([measure, , digits]) => {
    const { mean, low, high } = summary.change[measure];
    return `${signed(mean, digits)} (${signed(low, digits)} to ${signed(high, digits)})`;
  });
  return table(
    ['recording', ...MEASURES.map(([, heading]) => heading)],
    [
      ...judged.map((one) => row(one.file, one)),
      row(`mean of ${judged.length}`, summary),
      // One recording says nothing about others.
      ...(judged.length < 2 ? [] : [['change (95 %)', ...changes]]),
    ],
  );
}

const signed = (value: number, digits: number): string => (value < 0 ? '' : '+') + value.toFixed(digits);
