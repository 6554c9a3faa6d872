/**
 * What retuning gains: for each noise it captures a part, retunes `base` on it as `denoise retune --now` does, and measures
 * champion and candidate on the rest of the noise with voices of your own, and on other noises (the anchor).
 *
 *   node dist/scripts/online/retune-table.js --speech FOLDER --out FOLDER [--noise FOLDER] [--anchor FOLDER]
 *     [--minutes 10] [--cores 2] [--set key=value]... [--only NAME]... [--mixtures 24]
 *
 * `--speech` has voices that neither the model nor the replay corpus has. `--noise` has a recording a noise; to these come the
 * noises of `place-noises.ts`. `--anchor` has mixtures in `noisy/` and what is clean of them in `clean/`. `--out` gets
 * `table.jsonl`, a line a noise, and the mixtures as heard (`NAME/clean`, `NAME/noisy`, `NAME/champion`, `NAME/candidate`) for other
 * measures such as PESQ. Noises that have a line are not run again.
 */
import { appendFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Checkpoint } from '../../models/checkpoint.js';
import { openModel } from '../../models/open-model.js';
import { siSdr } from '../../src/audio/metrics/si-sdr.js';
import { estoi } from '../../src/audio/metrics/stoi.js';
import { Model } from '../../src/engine/model.js';
import { denoiseWhole } from '../../src/evaluation/denoise-whole.js';
import { makeFolder } from '../../src/files/atomic-file.js';
import { clipsInMemory } from '../../src/online/clips-in-memory.js';
import type { GateReport } from '../../src/online/gate.js';
import { NoiseStore, writeNoise } from '../../src/online/noise-store.js';
import { retune } from '../../src/online/retune.js';
import { readMono } from '../../src/training/data/clip-reader.js';
import { makeEvaluationSet } from '../../src/training/data/evaluation-set.js';
import { loadLibrary } from '../../src/training/data/library.js';
import { libraryOf } from '../../src/training/data/recordings.js';
import { parseOverrides } from '../../src/training/run/resolve-job.js';
import { PLACE_NOISES } from './place-noises.js';

const RATE = 16_000;
/** Captured of a noise, seconds; of a shorter one two thirds. */
const CAPTURED_SECONDS = 300;
const PIECE_SECONDS = 30;
const AT_ONCE = 16;

const { values } = parseArgs({
  options: {
    speech: { type: 'string' },
    noise: { type: 'string' },
    anchor: { type: 'string' },
    out: { type: 'string' },
    minutes: { type: 'string', default: '10' },
    cores: { type: 'string', default: '2' },
    set: { type: 'string', multiple: true, default: [] },
    only: { type: 'string', multiple: true },
    mixtures: { type: 'string', default: '24' },
  },
});
const { speech: speechFolder, out } = values;
if (speechFolder === undefined || out === undefined)
  throw new Error('Usage: retune-table --speech FOLDER --out FOLDER [options]');

interface Mixture {
  noisy: Float32Array;
  clean: Float32Array;
}
type Means = { siSdr: number; estoi: number };

const noises: Record<string, () => Promise<Float32Array>> = {};
for (const file of values.noise === undefined ? [] : readdirSync(values.noise).sort())
  noises[file.replace(/\.\w+$/, '')] = () => readMono(join(values.noise!, file), RATE);
for (const [name, make] of Object.entries(PLACE_NOISES))
  noises[name] = async () => make(CAPTURED_SECONDS + 100);

const { library: speech } = await loadLibrary(speechFolder, { sampleRate: RATE });
const anchor = values.anchor === undefined ? [] : await mixturesOf(values.anchor);
const { checkpoint: champion } = await openModel('base');
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
  const matched = makeEvaluationSet({
    ...{ speech, count: Number(values.mixtures), seconds: 4, snrDb: [-5, 15], seed: 5 },
    noise: libraryOf(clipsInMemory(RATE, { 'rest.wav': sound.slice(cut + RATE) })),
  });
  const start = process.cpuUsage();
  const { candidate, report, steps, share } = await tuned(sound.subarray(0, cut));
  const { user, system } = process.cpuUsage(start);
  const before = await scoresOf(champion, name, 'champion', matched);
  const after = await scoresOf(candidate, name, 'candidate', matched);
  const change = (a: Means, b: Means): Means => ({ siSdr: b.siSdr - a.siSdr, estoi: b.estoi - a.estoi });
  const row = {
    ...{ noise: name, capturedSeconds: cut / RATE, steps, share, coreMinutes: (user + system) / 60e6 },
    ...{ frozen: before, gain: change(before.matched, after.matched) },
    anchor: change(before.anchor, after.anchor),
    ...{ verdict: report.verdict, checks: report.checks },
  };
  appendFileSync(table, `${JSON.stringify(row)}\n`);
  process.stdout.write(
    `${name}: ${before.matched.siSdr.toFixed(2)} dB, gain ${row.gain.siSdr.toFixed(2)} dB, ESTOI ${row.gain.estoi.toFixed(3)}, ` +
      `anchor ${row.anchor.siSdr.toFixed(2)} dB, ${report.verdict}, ${steps} steps, share ${share}, ${row.coreMinutes.toFixed(1)} core-min\n`,
  );
}

/** The candidate that a retuning makes on a machine of its own. */
async function tuned(captured: Float32Array) {
  const data = mkdtempSync(join(tmpdir(), 'denoise-table-'));
  try {
    const store = new NoiseStore(data);
    for (let at = 0; at < captured.length; at += PIECE_SECONDS * RATE)
      await store.add(captured.slice(at, at + PIECE_SECONDS * RATE), RATE, 'place', { source: 'table' });
    let made: { candidate: Checkpoint; report: GateReport } | undefined;
    const events = await retune({
      ...{ data, use: 'speech', profile: 'place', seconds: 60 * Number(values.minutes) },
      ...{ cores: Number(values.cores), set: parseOverrides(values.set) },
      onCandidate: (candidate, report) => {
        made = { candidate, report };
      },
    });
    const trained = events.find((event) => event.kind === 'trained');
    if (made === undefined || trained === undefined) throw new Error('Nothing was trained.');
    return { ...made, steps: trained.steps, share: trained.share };
  } finally {
    rmSync(data, { recursive: true });
  }
}

async function scoresOf(
  { bytes }: Checkpoint,
  name: string,
  kind: string,
  matched: readonly Mixture[],
): Promise<{ matched: Means; anchor: Means }> {
  const model = await Model.fromBytes(bytes, { device: 'cpu' });
  try {
    const given = await through(model, matched);
    for (const [i, { noisy, clean }] of matched.entries())
      for (const [folder, samples] of Object.entries({ noisy, clean, [kind]: given[i] })) {
        makeFolder(join(out!, name, folder));
        await writeNoise(join(out!, name, folder, `${i}.wav`), samples, RATE);
      }
    return { matched: means(matched, given), anchor: means(anchor, await through(model, anchor)) };
  } finally {
    await model.close();
  }
}

/** As live audio. */
async function through(model: Model, mixtures: readonly Mixture[]): Promise<Float32Array[]> {
  const all: Float32Array[] = [];
  for (let i = 0; i < mixtures.length; i += AT_ONCE) {
    const some = mixtures
      .slice(i, i + AT_ONCE)
      .map(({ noisy }) => denoiseWhole(model, noisy, { as: 'live' }));
    for (const { denoised } of await Promise.all(some)) all.push(denoised);
  }
  return all;
}

function means(mixtures: readonly Mixture[], given: readonly Float32Array[]): Means {
  const mean = (of: (i: number) => number): number =>
    mixtures.reduce((sum, _, i) => sum + of(i), 0) / Math.max(1, mixtures.length);
  return {
    siSdr: mean((i) => siSdr(given[i], mixtures[i].clean)),
    estoi: mean((i) => estoi(mixtures[i].clean, given[i], RATE)),
  };
}

async function mixturesOf(folder: string): Promise<Mixture[]> {
  const read = (kind: string, file: string) => readMono(join(folder, kind, file), RATE);
  return Promise.all(
    readdirSync(join(folder, 'noisy'))
      .sort()
      .map(async (file) => ({ noisy: await read('noisy', file), clean: await read('clean', file) })),
  );
}
