/** Something to show: a judged retuning and a small study. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeCheck, type GateCheck } from '../../src/online/gate.js';
import type { RetuneHistory } from '../../src/online/retune-history.js';
import { randomSampler } from '../../src/tuning/samplers/random.js';
import { spaceOf } from '../../src/tuning/space.js';
import type { JournalStorage } from '../../src/tuning/storages/journal-storage.js';
import { Study } from '../../src/tuning/study.js';
import { wavBytes } from '../cli/support/wav-bytes.js';

const CHECKS: GateCheck[] = [
  { name: 'gain', value: 1.62, limit: 1, mustBe: 'least', holds: true, unit: 'dB' },
  { name: 'anchor', value: -0.12, limit: -0.2, mustBe: 'least', holds: true, unit: 'dB' },
  { name: 'load', value: 0.041, limit: 0.5, mustBe: 'most', holds: true, unit: 's/s' },
];

/** Records a retuning whose candidate was judged, with sounds in `folder`. @returns its id */
export function judged(history: RetuneHistory, folder: string): string {
  const id = new Date().toISOString();
  const listen = ['noisy', 'champion', 'candidate'].map((name, k) => {
    const path = join(folder, `1-${name}.wav`);
    const tone = Array.from({ length: 16_000 }, (_, n) => 0.2 * Math.sin(0.1 * (k + 1) * n));
    writeFileSync(path, wavBytes([tone]));
    return path;
  });
  history.record(id, { kind: 'started', use: 'speech', profile: 'place', noiseSeconds: 120 });
  const reason = `The candidate passes: ${CHECKS.map(describeCheck).join('; ')}.`;
  history.record(id, { kind: 'judged', verdict: 'promote', reason, checks: CHECKS, listen });
  return id;
}

/** A study of twelve trials, of which one failed; the loss depends on `lr` alone. */
export async function smallStudy(storage: JournalStorage): Promise<void> {
  const space = spaceOf({
    lr: { kind: 'float', low: 1e-5, high: 1e-1, log: true },
    hidden: { kind: 'categorical', choices: [32, 64, 128] },
  });
  const study = await Study.open(storage, { name: 'small', space, sampler: randomSampler(), seed: 1 });
  for (let n = 0; n < 12; n++) {
    const trial = await study.ask();
    if (trial === undefined) break;
    const loss = 0.1 + (Math.log10(Number(trial.params.lr)) + 3) ** 2;
    for (let step = 1; step <= 5; step++) await trial.report(step, loss + 1 / step);
    if (n === 7) await trial.fail({ code: 'E_TEST', message: 'It broke.' });
    else await trial.complete([loss]);
  }
}
