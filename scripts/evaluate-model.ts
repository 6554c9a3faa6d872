/**
 * Measures a model on held-out speech in held-out noise, before and after: the figures of a model card.
 *
 *   node dist/scripts/evaluate-model.js MODEL CLEAN_DIR NOISE_DIR [--held-out 0.08] [--seed 1] [--count 80] [--exclude ENDING]…
 *
 * `--held-out` and `--seed` must be those of the training, so that what was trained on stays out.
 */
import { parseArgs } from 'node:util';
import { estoi, segmentalSnr, siSdr } from '../src/audio/metrics/index.js';
import { Model } from '../src/engine/model.js';
import { makeEvaluationSet } from '../src/training/data/evaluation-set.js';
import { type ClipLibrary, leaveOut, loadLibrary } from '../src/training/data/library.js';
import { splitLibrary } from '../src/training/data/split.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    'held-out': { type: 'string', default: '0.08' },
    seed: { type: 'string', default: '1' },
    count: { type: 'string', default: '80' },
    exclude: { type: 'string', multiple: true, default: [] },
  },
});
const [modelName, cleanFolder, noiseFolder] = positionals;

async function heldOut(folder: string): Promise<ClipLibrary> {
  const { library } = await loadLibrary(folder);
  const kept = leaveOut(library, folder, values.exclude);
  return splitLibrary(kept, Number(values['held-out']), Number(values.seed)).validation;
}

const [speech, noise] = [await heldOut(cleanFolder), await heldOut(noiseFolder)];
const mixtures = makeEvaluationSet({ speech, noise, count: Number(values.count) });
const model = await Model.load(modelName);
const metrics = {
  'SI-SDR dB': (clean: Float32Array, x: Float32Array) => siSdr(x, clean),
  ESTOI: (clean: Float32Array, x: Float32Array) => estoi(clean, x, model.info.sampleRate),
  'segmental SNR dB': (clean: Float32Array, x: Float32Array) => segmentalSnr(clean, x, model.info.sampleRate),
};
type Row = { snrDb: number } & Record<string, { before: number; after: number } | number>;
const rows: Row[] = [];
for (const { noisy, clean, snrDb } of mixtures) {
  const stream = model.createStream();
  const output = new Float32Array(noisy.length);
  const head = await stream.process(noisy);
  output.set(head);
  output.set(await stream.flush(), head.length);
  stream.close();
  const row: Row = { snrDb };
  for (const [name, measure] of Object.entries(metrics))
    row[name] = { before: measure(clean, noisy), after: measure(clean, output) };
  rows.push(row);
}
await model.close();

const mean = (of: readonly Row[], name: string, when: 'before' | 'after'): number =>
  of.reduce((sum, row) => sum + (row[name] as { before: number; after: number })[when], 0) / of.length;
const table: Record<string, Record<string, string>> = {};
const groups: [string, Row[]][] = [
  ['all', rows],
  ['below 5 dB', rows.filter(({ snrDb }) => snrDb < 5)],
  ['5 to 12.5 dB', rows.filter(({ snrDb }) => snrDb >= 5 && snrDb < 12.5)],
  ['above 12.5 dB', rows.filter(({ snrDb }) => snrDb >= 12.5)],
];
for (const [label, of] of groups) {
  table[`${label} (${of.length})`] = Object.fromEntries(
    Object.keys(metrics).map((name) => {
      const [before, after] = [mean(of, name, 'before'), mean(of, name, 'after')];
      return [
        name,
        `${before.toFixed(3)} → ${after.toFixed(3)} (${after >= before ? '+' : ''}${(after - before).toFixed(3)})`,
      ];
    }),
  );
}
console.log(
  `${model.info.name} ${model.info.hash.slice(0, 12)}: ${rows.length} mixtures of held-out speech and noise`,
);
console.table(table);
