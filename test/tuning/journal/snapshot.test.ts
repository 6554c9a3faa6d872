import { describe, expect, it } from 'vitest';
import { Journal } from '../../../src/tuning/journal/journal.js';
import { restoreState, storeState } from '../../../src/tuning/journal/snapshot.js';
import { readStudy } from '../../../src/tuning/read-study.js';
import { MemoryStorage } from '../../../src/tuning/storages/memory.js';
import { Study } from '../../../src/tuning/study.js';
import { PRACTICE_SPACE } from '../../../src/tuning/testing/practice.js';

async function studyOfAllKinds(storage: MemoryStorage): Promise<void> {
  const study = await Study.open(storage, {
    space: PRACTICE_SPACE,
    directions: ['minimise', 'maximise'],
    metrics: ['loss', 'speed'],
  });
  const ask = async () => (await study.ask())!;
  const complete = await ask();
  await complete.report(1, 0.5);
  await complete.complete([0.1, Number.POSITIVE_INFINITY], [-1, 0.5]);
  await (await ask()).fail({ code: 'E_DIVERGED', message: 'It diverged.' });
  const odd = await ask();
  await odd.report(3, Number.NaN);
  await odd.report(9, Number.NEGATIVE_INFINITY);
  await odd.pause();
  await (await ask()).prune();
  await (await ask()).report(1, 2);
  await study.enqueue({ lr: 1e-3 }, { from: 'the guide' });
  await study.setAttribute('note', 'a try');
}

describe('a snapshot', () => {
  it('holds all that the journal says', async () => {
    const storage = new MemoryStorage();
    await studyOfAllKinds(storage);
    const journal = new Journal(storage);
    await journal.open();
    const { state } = journal;
    const restored = restoreState(storeState(state))!;
    // Only a running trial is asked for the proof of its claim.
    const expected = state.trials.map(({ token, ...trial }) =>
      trial.state === 'running' ? { ...trial, token } : trial,
    );
    expect(restored.trials).toEqual(expected);
    expect([...restored.spaces]).toEqual([...state.spaces]);
    for (const key of ['name', 'seed', 'directions', 'metrics', 'outline', 'attributes'] as const)
      expect(restored[key]).toEqual(state[key]);
  });

  it('of another version is left aside for the journal', async () => {
    const storage = new MemoryStorage();
    await studyOfAllKinds(storage);
    const before = await readStudy(storage);
    const { position } = await storage.readLogs(0);
    await storage.saveSnapshot({ position, state: JSON.stringify({ version: 1, state: { trials: [] } }) });
    expect((await readStudy(storage)).trials).toEqual(before.trials);
  });
});
