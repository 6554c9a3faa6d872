import { describe, expect, it } from 'vitest';
import { OutputError, TrainingError } from '../../src/errors.js';
import { ashaPruner } from '../../src/tuning/pruners/asha.js';
import { InProcessQueue } from '../../src/tuning/queue/in-process.js';
import { type Objective, type RunStudyOptions, runStudy } from '../../src/tuning/run-study.js';
import { gridSampler } from '../../src/tuning/samplers/grid.js';
import { MemoryStorage } from '../../src/tuning/storages/memory.js';
import { Study, type StudyOptions } from '../../src/tuning/study.js';
import { PRACTICE_GRID, PRACTICE_SPACE, practiceLoss } from '../../src/tuning/testing/practice.js';

const EPOCHS = 27;

/** Steps that were computed for each trial: of a trial that goes on where it stopped, each once. */
class Bench {
  readonly computed = new Map<number, number[]>();
  readonly objective: Objective = async ({ trial, report, signal }) => {
    const { number, params, record } = trial;
    const from = record.reports.at(-1)?.step ?? 0;
    for (let step = from + 1; step <= EPOCHS; step++) {
      this.computed.set(number, [...(this.computed.get(number) ?? []), step]);
      const answer = await report(step, practiceLoss(params) + 1 / step);
      if (answer === 'pause') return { state: 'paused' };
      if (answer === 'prune') return { state: 'pruned' };
      if (answer === 'lost') return { state: 'lost' };
      if (signal.aborted) return { state: 'released' };
    }
    return { state: 'complete', values: [practiceLoss(params) + 1 / EPOCHS] };
  };
}

async function run(
  options: RunStudyOptions,
  study: Partial<StudyOptions> = {},
  storage = new MemoryStorage(),
) {
  const bench = new Bench();
  const opened = await Study.open(storage, {
    space: PRACTICE_SPACE,
    pruner: ashaPruner({ minSteps: 1 }),
    ...study,
  });
  const reason = await runStudy(opened, new InProcessQueue(), bench.objective, { pollMs: 1, ...options });
  return { study: opened, reason, ...bench };
}

describe('a study at work', () => {
  it('pauses, promotes, and finishes the best, each step computed once', async () => {
    const { study, computed, reason } = await run({ stop: { trials: 30 } });
    expect(reason).toBe('30 trials are made');
    expect(study.trials).toHaveLength(30);
    for (const steps of computed.values()) expect(steps).toEqual(steps.map((_, i) => i + 1));
    const all = [...computed.values()].reduce((sum, { length }) => sum + length, 0);
    expect(all).toBeLessThan(0.3 * 30 * EPOCHS);
    const reached = study.trials.map(({ reports }) => Math.min(...reports.map(({ value }) => value)));
    expect(study.trials[reached.indexOf(Math.min(...reached))].state).toBe('complete');
  });

  it('does the same with one worker each time', async () => {
    const of = async () =>
      (await run({ stop: { trials: 20 } })).study.trials.map(({ params, state, reports }) => ({
        params,
        state,
        reports,
      }));
    expect(await of()).toEqual(await of());
  });

  it('shares its trials among many workers, and makes as many as it was told', async () => {
    const { study, computed } = await run({ workers: 4, stop: { trials: 30 } });
    expect(study.trials).toHaveLength(30);
    expect(study.trials.filter(({ state }) => state === 'running' || state === 'waiting')).toEqual([]);
    for (const steps of computed.values()) expect(steps).toEqual(steps.map((_, i) => i + 1));
  });

  it('ends a grid by itself', async () => {
    const pruner = { name: 'none', judge: () => 'continue' as const };
    const { study, reason } = await run(
      { workers: 2 },
      { space: PRACTICE_GRID, sampler: gridSampler(), pruner },
    );
    expect(study.trials).toHaveLength(18);
    expect(study.trials.every(({ state }) => state === 'complete')).toBe(true);
    expect(reason).toBe('there is nothing left to try');
  });

  it('takes over what a killed process left running', async () => {
    const storage = new MemoryStorage();
    const killed = await Study.open(storage, { space: PRACTICE_SPACE, pruner: ashaPruner({ minSteps: 1 }) });
    await (await killed.ask())!.report(1, 0.5);
    await killed.ask();
    const { study } = await run({ stop: { trials: 6 } }, {}, storage);
    expect(study.trials.map(({ losses }) => losses)).toEqual([1, 1, 0, 0, 0, 0]);
    expect(study.trials.every(({ state }) => state !== 'running')).toBe(true);
  });

  it.each<[string, RunStudyOptions['stop'], string]>([
    ['a target', { target: 1.5 }, 'the target of 1.5 is reached'],
    ['stagnation', { stagnation: 4 }, 'trials brought nothing better'],
    ['time', { seconds: 0 }, 'the time of 0 s is over'],
  ])('stops by %s', async (_, stop, why) => {
    const { reason, study } = await run(
      { stop, workers: 2 },
      { pruner: { name: 'none', judge: () => 'continue' } },
    );
    expect(reason).toContain(why);
    expect(study.trials.some(({ state }) => state === 'running')).toBe(false);
  });

  it('gives its trials back when it is interrupted, and goes on later as if it had not been', async () => {
    const whole = await run({ stop: { trials: 12 } });
    const storage = new MemoryStorage();
    const controller = new AbortController();
    let changes = 0;
    const interrupted = run(
      {
        stop: { trials: 12 },
        signal: controller.signal,
        onChange: () => {
          if (++changes === 25) controller.abort(new Error('stop'));
        },
      },
      {},
      storage,
    );
    await expect(interrupted).rejects.toThrow('stop');
    const { study } = await run({ stop: { trials: 12 } }, {}, storage);
    expect(study.trials.map(({ params }) => params)).toEqual(whole.study.trials.map(({ params }) => params));
    expect(study.trials.map(({ reports }) => reports)).toEqual(
      whole.study.trials.map(({ reports }) => reports),
    );
    expect(study.trials.every(({ losses }) => losses === 0)).toBe(true);
  });

  it('goes on when a trial fails, and gives up when the first ones all do', async () => {
    const pruner = { name: 'none', judge: () => 'continue' as const };
    const storage = new MemoryStorage();
    const study = await Study.open(storage, { space: PRACTICE_SPACE, pruner });
    const failing: Objective = async ({ trial }) => {
      if (trial.number % 2 === 1) throw new TrainingError('E_DIVERGED', 'It diverged.');
      return { state: 'complete', values: [trial.number] };
    };
    await runStudy(study, new InProcessQueue(), failing, { stop: { trials: 6 } });
    expect(study.trials.map(({ state }) => state)).toEqual([
      'complete',
      'failed',
      'complete',
      'failed',
      'complete',
      'failed',
    ]);
    expect(study.trials[1].error).toEqual({ code: 'E_DIVERGED', message: 'It diverged.' });
    const hopeless = await Study.open(new MemoryStorage(), { space: PRACTICE_SPACE });
    const broken: Objective = async () => {
      throw new TrainingError('E_NO_DATA', 'There is nothing to learn from.');
    };
    await expect(runStudy(hopeless, new InProcessQueue(), broken)).rejects.toMatchObject({
      code: 'E_NO_DATA',
    });
    expect(hopeless.trials).toHaveLength(3);
  });

  it.each([
    ['said by our own files', new OutputError('E_NO_SPACE', 'No space is left.')],
    ['said by the system', Object.assign(new Error('ENOSPC: no space left'), { code: 'ENOSPC' })],
  ])(
    'does not blame a trial for a full disk, %s, and goes on with it when there is space',
    async (_, error) => {
      const storage = new MemoryStorage();
      const opened = () => Study.open(storage, { space: PRACTICE_SPACE });
      const full: Objective = async () => {
        throw error;
      };
      const begun = runStudy(await opened(), new InProcessQueue(), full, { stop: { trials: 2 } });
      await expect(begun).rejects.toMatchObject({ code: 'E_NO_SPACE' });
      const study = await opened();
      const works: Objective = async () => ({ state: 'complete', values: [1] });
      await runStudy(study, new InProcessQueue(), works, { stop: { trials: 2 } });
      expect(study.trials.map(({ state }) => state)).toEqual(['complete', 'complete']);
      expect(study.trials.map(({ losses }) => losses)).toEqual([0, 0]);
    },
  );

  it('does not blame a trial for a journal that cannot be written, and goes on when it can', async () => {
    const storage = new MemoryStorage();
    const append = storage.appendLogs.bind(storage);
    let full = false;
    storage.appendLogs = async (records) => {
      if (full) throw new OutputError('E_NO_SPACE', 'No space is left.');
      full = records[0].includes('"step":2');
      return append(records);
    };
    const pruner = { name: 'none', judge: () => 'continue' as const };
    await expect(run({ stop: { trials: 3 } }, { pruner }, storage)).rejects.toMatchObject({
      code: 'E_NO_SPACE',
    });
    full = false;
    storage.appendLogs = append;
    const { study } = await run({ stop: { trials: 3 } }, { pruner }, storage);
    expect(study.trials.map(({ state }) => state)).toEqual(['complete', 'complete', 'complete']);
  });
});
