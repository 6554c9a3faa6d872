import { extname } from 'node:path';
import type { Command } from 'commander';
import { isResultName } from '../../audio/file-endings.js';
import { InputError } from '../../errors.js';
import type { Scores } from '../../evaluation/evaluate-recording.js';
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

interface Judged {
  file: string;
  before: Scores;
  after: Scores;
}

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
      const [heard, original] = [
        await readMono(noisy, model.info.sampleRate),
        await readMono(clean, model.info.sampleRate),
      ];
      if (heard.length !== original.length) {
        throw new InputError('E_LENGTH_MISMATCH', `${noisy} and ${clean} are not equally long.`, {
          hint: 'Cut them to the same length, aligned to the sample.',
        });
      }
      judged.push({ file, ...(await evaluateRecording(model, heard, original)) });
    }
    const mean = {
      before: meanOf(judged.map(({ before }) => before)),
      after: meanOf(judged.map(({ after }) => after)),
    };
    output.result({ files: judged, mean });
    output.report(...describeScores(judged, mean));
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

function meanOf(all: readonly Scores[]): Scores {
  const mean = (pick: (scores: Scores) => number) =>
    all.reduce((sum, one) => sum + pick(one), 0) / all.length;
  return {
    siSdr: mean((s) => s.siSdr),
    estoi: mean((s) => s.estoi),
    segmentalSnr: mean((s) => s.segmentalSnr),
  };
}

/** A row for each file, before → after, and one for the mean. */
function describeScores(judged: readonly Judged[], mean: Omit<Judged, 'file'>): string[] {
  const row = (name: string, { before, after }: Omit<Judged, 'file'>): string[] => {
    const change = (pick: (scores: Scores) => number, digits: number) =>
      `${pick(before).toFixed(digits)} → ${pick(after).toFixed(digits)}`;
    return [
      name,
      change(({ siSdr }) => siSdr, 2),
      change(({ estoi }) => estoi, 3),
      change(({ segmentalSnr }) => segmentalSnr, 2),
    ];
  };
  return table(
    ['recording', 'SI-SDR (dB)', 'ESTOI', 'segmental SNR (dB)'],
    [...judged.map((one) => row(one.file, one)), row(`mean of ${judged.length}`, mean)],
  );
}
