import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Random } from '../../src/random.js';
import { FileStorage, randomSampler, readStudy, Study, tpeSampler } from '../../src/tuning/index.js';
import { PRACTICE_SPACE, practiceStudy } from '../../src/tuning/testing/practice.js';
import { type Bench, type Measurement, percentile } from './bench.js';

const TRIALS = 50_000;
const REPEATS = 30;

/** What the tuner itself costs: a suggestion, and opening a large study. */
export const tuning: Bench = {
  name: 'tuning',
  about: `TPE's suggestion at 1000 trials, and opening a study of ${TRIALS} trials`,
  async run(): Promise<Measurement[]> {
    const study = practiceStudy(1000);
    const sampler = tpeSampler();
    const times = Array.from({ length: REPEATS }, (_, i) => {
      const began = performance.now();
      sampler.suggest(PRACTICE_SPACE, study, new Random(i));
      return performance.now() - began;
    });
    return [
      { what: 'suggestion, median', value: percentile(times, 0.5), unit: 'ms', promise: { atMost: 20 } },
      { what: 'opening', value: await openingTime(), unit: 's', promise: { atMost: 1 } },
    ];
  },
};

async function openingTime(): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'study-'));
  try {
    const options = { space: PRACTICE_SPACE, sampler: randomSampler() };
    await (await Study.open(new FileStorage(folder), options)).close();
    const [template] = (await fill(folder)).slice(-1);
    const began = performance.now();
    const { trials } = await readStudy(new FileStorage(folder));
    if (trials.length !== TRIALS || template === undefined)
      throw new Error(`${trials.length} trials were read`);
    return (performance.now() - began) / 1000;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Writes trials with five reports each in large strokes, and leaves a snapshot behind. */
async function fill(folder: string): Promise<string[]> {
  const storage = new FileStorage(folder);
  const { trials } = practiceStudy(TRIALS);
  const spaces = new Map<string, string>();
  let id = 0;
  const common = () => ({ id: `bench.${id++}`, time: 0 });
  for (let first = 0; first < TRIALS; first += 1000) {
    const records: object[] = [];
    for (const { number, params, distributions } of trials.slice(first, first + 1000)) {
      const text = JSON.stringify(distributions);
      if (!spaces.has(text)) {
        spaces.set(text, `space ${spaces.size}`);
        records.push({ op: 'space', key: spaces.get(text), distributions, ...common() });
      }
      const owned = { trial: number, token: 'bench', ...common() };
      records.push({ op: 'create', number, seed: number, params, space: spaces.get(text), ...common() });
      records.push({ op: 'claim', owner: 'bench', ...owned });
      for (let step = 1; step <= 5; step++) records.push({ op: 'report', step, value: 1 / step, ...owned });
      records.push({ op: 'end', state: 'complete', values: [0.2], ...owned });
    }
    await storage.appendLogs(records.map((record) => JSON.stringify(record)));
  }
  // Whoever reads so much leaves a snapshot.
  await readStudy(storage);
  await storage.close();
  return [...spaces.values()];
}
