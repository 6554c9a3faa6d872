import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OwnedTrial } from '../../../src/tuning/owned-trial.js';
import { ashaPruner } from '../../../src/tuning/pruners/asha.js';
import { readStudy } from '../../../src/tuning/read-study.js';
import { randomSampler } from '../../../src/tuning/samplers/random.js';
import { MemoryStorage } from '../../../src/tuning/storages/memory.js';
import { Study } from '../../../src/tuning/study.js';
import { PRACTICE_SPACE } from '../../../src/tuning/testing/practice.js';
import { isEnded } from '../../../src/tuning/trial.js';

/** What a worker may do next. `crash` forgets its trials; `steal` takes a running trial from whoever has it. */
const ACTIONS = [
  'ask',
  'report',
  'complete',
  'pause',
  'prune',
  'fail',
  'release',
  'crash',
  'steal',
  'finish',
] as const;
type Step = [worker: number, action: (typeof ACTIONS)[number], pick: number];

const steps: fc.Arbitrary<Step[]> = fc.array(fc.tuple(fc.nat(2), fc.constantFrom(...ACTIONS), fc.nat(9)), {
  minLength: 10,
  maxLength: 120,
});

interface Worker {
  study: Study;
  held: OwnedTrial[];
}

describe('any interleaving of workers and crashes', () => {
  it('ends every trial once at most, by its owner, and says the same to all', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (plan) => {
        const storage = new MemoryStorage();
        const open = () =>
          Study.open(storage, {
            space: PRACTICE_SPACE,
            sampler: randomSampler(),
            pruner: ashaPruner({ minSteps: 1 }),
            now: () => 0,
          });
        const workers: Worker[] = [];
        for (let i = 0; i < 3; i++) workers.push({ study: await open(), held: [] });
        const ends = new Map<number, number>();
        for (const [index, action, pick] of plan) {
          const worker = workers[index];
          const trial = worker.held[pick % Math.max(1, worker.held.length)];
          const count = (ended: boolean): void => {
            if (ended) ends.set(trial.number, (ends.get(trial.number) ?? 0) + 1);
          };
          if (action === 'ask') worker.held.push((await worker.study.ask())!);
          else if (action === 'crash') workers[index] = { study: await open(), held: [] };
          else if (action === 'finish') await worker.study.finishBest(1 + (pick % 3));
          else if (action === 'steal') {
            const stolen = await worker.study.claim(pick, true);
            if (stolen !== undefined) worker.held.push(stolen);
            // The fifth loss ends a trial.
            if (worker.study.trials[pick]?.error !== undefined && !ends.has(pick)) ends.set(pick, 1);
          } else if (trial === undefined) continue;
          else if (action === 'report') await trial.report(trial.record.reports.length + 1, pick / 10);
          else if (action === 'complete') count(await trial.complete([pick]));
          else if (action === 'prune') count(await trial.prune());
          else if (action === 'fail') count(await trial.fail({ code: 'E', message: '' }));
          else if (action === 'pause') await trial.pause();
          else await trial.release();
        }
        const { trials } = await readStudy(storage);
        for (const { study } of workers) {
          await study.sync();
          expect(study.trials).toEqual(trials);
        }
        expect(trials.map(({ number }) => number)).toEqual(trials.map((_, i) => i));
        for (const trial of trials) expect(ends.get(trial.number) ?? 0).toBe(isEnded(trial) ? 1 : 0);
      }),
      { numRuns: 150 },
    );
  });
});
