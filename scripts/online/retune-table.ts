/**
 * What retuning gains: for each noise it captures a part, trains as `denoise retune` does, and measures champion and candidate
 * on the rest of the noise with voices of your own, and on other noises (the anchor). Unlike `denoise retune`, which judges by
 * its own small corpus, the gate judges by these.
 *
 *   node dist/scripts/online/retune-table.js --speech FOLDER --anchor FOLDER --out FOLDER [--noise FOLDER]
 *     [--minutes 10] [--cores 2] [--set key=value]... [--replay FOLDER] [--only NAME]... [--mixtures 24]
 *
 * `--speech` has voices that neither the model nor the replay corpus has. `--noise` has a recording a noise; to these come the
 * noises of `place-noises.ts`. `--anchor` has mixtures in `noisy/` and what is clean of them in `clean/`. `--out` gets
 * `table.jsonl`, a line a noise, and the mixtures as heard (`NAME/clean`, `NAME/champion`, `NAME/candidate`, all under equal
 * names) for other measures such as PESQ. Noises that have a line are not run again.
 */
import { appendFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Checkpoint } from '../../models/checkpoint.js';
import { openModel } from '../../models/open-model.js';
import { Model } from '../../src/engine/model.js';
import { denoiseWhole } from '../../src/evaluation/denoise-whole.js';
import { makeFolder } from '../../src/files/atomic-file.js';
import { clipsInMemory } from '../../src/online/clips-in-memory.js';
import { judge, LIVE_LIMITS } from '../../src/online/gate.js';
import { type GateScores, type GateSet, scoresOf } from '../../src/online/gate-scores.js';
import { splitNoise } from '../../src/online/noise-of-place.js';
import { writeNoise } from '../../src/online/noise-store.js';
import { openCorpus, replayFolders } from '../../src/online/replay.js';
import { CHOICE_LIMITS, retuneChoiceSet } from '../../src/online/retune-gate.js';
import { trainCandidate } from '../../src/online/retune-training.js';
import { bestBetween } from '../../src/online/weights-between.js';
import { readMono } from '../../src/training/data/clip-reader.js';
import { type EvaluationMixture, makeEvaluationSet } from '../../src/training/data/evaluation-set.js';
import { loadLibrary } from '../../src/training/data/library.js';
import { libraryOf } from '../../src/training/data/recordings.js';
import { parseOverrides } from '../../src/training/run/resolve-job.js';
import { PLACE_NOISES } from './place-noises.js';

const RATE = 16_000;
/** Captured of a noise, seconds; of a shorter one two thirds. A third of it is the gate's, as in `denoise retune`. */
const CAPTURED_SECONDS = 300;
const PIECE_SECONDS = 30;

const { values } = parseArgs({
  options: {
    speech: { type: 'string' },
    noise: { type: 'string' },
    anchor: { type: 'string' },
    out: { type: 'string' },
    replay: { type: 'string' },
    minutes: { type: 'string', default: '10' },
    cores: { type: 'string', default: '2' },
    set: { type: 'string', multiple: true, default: [] },
    only: { type: 'string', multiple: true },
    mixtures: { type: 'string', default: '24' },
  },
});
const { speech: speechFolder, anchor: anchorFolder, out } = values;
if (speechFolder === undefined || anchorFolder === undefined || out === undefined)
  throw new Error('Usage: retune-table --speech FOLDER --anchor FOLDER --out FOLDER [options]');

const noises: Record<string, () => Promise<Float32Array>> = {};
for (const file of values.noise === undefined ? [] : readdirSync(values.noise).sort())
  noises[file.replace(/\.\w+$/, '')] = () => readMono(join(values.noise!, file), RATE);
for (const [name, make] of Object.entries(PLACE_NOISES))
  noises[name] = async () => make(CAPTURED_SECONDS + 100);

const { library: speech } = await loadLibrary(speechFolder, { sampleRate: RATE });
const anchor = await mixturesOf(anchorFolder);
const { checkpoint: champion } = await openModel('base');
const replay = replayFolders(values.replay);
const table = join(out, 'table.jsonl');
makeFolder(out);
const done = existsSync(table)
  ? readFileSync(table, 'utf8')
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { noise: string }).noise)
  : [];
const wanted = values.only ?? Object.keys(noises);
for (const name of wanted.filter((one) => !done.includes(one))) await measure(name, await noises[name]());

async function measure(name: string, sound: Float32Array): Promise<void> {
  const cut = Math.min(CAPTURED_SECONDS * RATE, Math.floor((2 / 3) * sound.length));
  const rest = sound.slice(cut + RATE);
  const matched = makeEvaluationSet({
    ...{ speech, count: Number(values.mixtures), seconds: 4, snrDb: [-5, 15], seed: 5 },
    noise: libraryOf(clipsInMemory(RATE, { 'rest.wav': rest })),
  });
  const clean = matched.slice(0, 8).map((mixture) => mixture.clean);
  const set: GateSet = { matched, anchor, clean, noise: [rest.subarray(0, 4 * RATE)] };
  const start = process.cpuUsage();
  const { tuned, steps, share } = await tune(sound.subarray(0, cut));
  const { user, system } = process.cpuUsage(start);
  const before = await scoresOf(champion, set, 'live');
  const after = await scoresOf(tuned, set, 'live');
  const report = judge(before, after, LIVE_LIMITS);
  const row = {
    ...{ noise: name, capturedSeconds: cut / RATE, steps, share, coreMinutes: (user + system) / 60e6 },
    ...{ frozen: means(before), tuned: means(after), report },
  };
  appendFileSync(table, `${JSON.stringify(row)}\n`);
  await writeHeard(name, 'champion', champion, matched);
  await writeHeard(name, 'candidate', tuned, matched);
  const { frozen, tuned: now } = row;
  const changes = Object.entries(now).map(([what, value]) => {
    const change = value - frozen[what as keyof typeof frozen];
    return `${what} ${frozen[what as keyof typeof frozen].toFixed(3)} ${change < 0 ? '' : '+'}${change.toFixed(3)}`;
  });
  process.stdout.write(
    `${name}: ${changes.join(', ')}; ${report.verdict}; ${steps} steps, ${share} of the way, ${row.coreMinutes.toFixed(1)} core-min\n`,
  );
}

/** A candidate, as `denoise retune` makes it. */
async function tune(captured: Float32Array): Promise<{ tuned: Checkpoint; steps: number; share: number }> {
  const work = mkdtempSync(join(tmpdir(), 'denoise-table-'));
  try {
    const folder = join(work, 'captured');
    makeFolder(folder);
    for (let at = 0; at < captured.length; at += PIECE_SECONDS * RATE) {
      const piece = captured.subarray(at, at + PIECE_SECONDS * RATE);
      const { train } = splitNoise(piece, [{ from: 0, to: piece.length }], RATE);
      await writeNoise(join(folder, `${at}.wav`), train, RATE);
    }
    const { speech: voices, noise } = replay;
    const { corpus, release } = await openCorpus({ speech: voices, noise, captured: folder }, RATE);
    try {
      const { tuned, steps } = await trainCandidate({
        ...{ champion, captured: folder, replay, work, seconds: 60 * Number(values.minutes) },
        ...{ cores: Number(values.cores), set: parseOverrides(values.set) },
      });
      const best = await bestBetween({ champion, tuned }, retuneChoiceSet(corpus), 'live', CHOICE_LIMITS);
      return { tuned: best.checkpoint, steps, share: best.share };
    } finally {
      release();
    }
  } finally {
    rmSync(work, { recursive: true });
  }
}

function means({ matched, matchedEstoi, anchor: others, clean, residue }: GateScores) {
  const mean = (of: readonly number[]): number => of.reduce((sum, value) => sum + value, 0) / of.length;
  return {
    ...{ siSdr: mean(matched), estoi: mean(matchedEstoi), anchor: mean(others) },
    ...{ clean: mean(clean), residue: mean(residue) },
  };
}

async function writeHeard(
  name: string,
  kind: string,
  { bytes }: Checkpoint,
  mixtures: readonly EvaluationMixture[],
): Promise<void> {
  const model = await Model.fromBytes(bytes, { device: 'cpu' });
  const given = await Promise.all(mixtures.map(({ noisy }) => denoiseWhole(model, noisy, { as: 'live' })));
  await model.close();
  for (const folder of ['clean', kind]) makeFolder(join(out!, name, folder));
  for (const [i, { clean }] of mixtures.entries()) {
    await writeNoise(join(out!, name, 'clean', `${i}.wav`), clean, RATE);
    await writeNoise(join(out!, name, kind, `${i}.wav`), given[i].denoised, RATE);
  }
}

async function mixturesOf(folder: string): Promise<EvaluationMixture[]> {
  const read = (kind: string, file: string) => readMono(join(folder, kind, file), RATE);
  return Promise.all(
    readdirSync(join(folder, 'noisy'))
      .sort()
      .map(async (file) => ({
        noisy: await read('noisy', file),
        clean: await read('clean', file),
        snrDb: Number.NaN,
      })),
  );
}
