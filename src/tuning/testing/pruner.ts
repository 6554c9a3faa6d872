import assert from 'node:assert/strict';
import { Random } from '../../random.js';
import type { Pruner } from '../pruners/pruner.js';
import type { StudyView } from '../study-view.js';
import type { TrialRecord } from '../trial.js';
import type { Check } from './check.js';
import { practiceStudy } from './practice.js';

const STEPS = 60;

interface Played {
  study: StudyView;
  log: string[];
}

/** Plays a study with one worker: curves that fall to a floor of their own. */
function play(
  pruner: Pruner,
  seed: number,
  inspect: (trial: TrialRecord, study: StudyView) => void = () => {},
): Played {
  const trials: TrialRecord[] = [];
  const study = { ...practiceStudy(0), trials };
  const [template] = practiceStudy(1).trials;
  const log: string[] = [];
  const run = (trial: TrialRecord): void => {
    trial.state = 'running';
    const floor = new Random(seed, trial.number).next();
    for (let step = (trial.reports.at(-1)?.step ?? 0) + 1; step <= STEPS; step++) {
      (trial.reports as { step: number; value: number }[]).push({ step, value: floor + 2 / step });
      inspect(trial, study);
      const verdict = pruner.judge(trial, study);
      if (verdict === 'continue') continue;
      trial.state = verdict === 'pause' ? 'paused' : 'pruned';
      log.push(`${trial.number} ${verdict} ${step}`);
      return;
    }
    trial.state = 'complete';
    trial.values = [floor];
    log.push(`${trial.number} complete`);
  };
  for (let turn = 0; turn < 200; turn++) {
    const promoted = pruner.promote?.(study);
    if (promoted !== undefined) {
      assert.equal(trials[promoted]?.state, 'paused', 'only a paused trial is promoted');
      run(trials[promoted]);
    } else if (trials.length < 40) {
      trials.push({ ...template, number: trials.length, state: 'running', reports: [], values: undefined });
      run(trials[trials.length - 1]);
    } else return { study, log };
  }
  return assert.fail('the pruner promotes without end');
}

/** What every {@link Pruner} must do. */
export function prunerChecks(create: () => Pruner): Check[] {
  return [
    {
      name: 'promotes only what is paused, and comes to an end',
      run: async () => void play(create(), 1),
    },
    {
      name: 'answers the same to the same question',
      async run() {
        const pruner = create();
        assert.deepEqual(play(pruner, 2).log, play(create(), 2).log);
        assert.deepEqual(
          play(pruner, 2).log,
          play(create(), 2).log,
          'a second study does not depend on the first',
        );
      },
    },
    {
      name: 'leaves the study as it is',
      async run() {
        const pruner = create();
        play(pruner, 3, (trial, study) => {
          const before = JSON.stringify(study);
          pruner.judge(trial, study);
          pruner.promote?.(study);
          pruner.nextRung?.(trial, study);
          assert.equal(JSON.stringify(study), before);
        });
      },
    },
    {
      name: 'stops nothing before the rung that it names',
      async run() {
        const pruner = create();
        let rung: number | undefined;
        play(pruner, 4, (trial, study) => {
          const { step } = trial.reports[trial.reports.length - 1];
          if (rung !== undefined && step < rung) assert.equal(pruner.judge(trial, study), 'continue');
          rung = pruner.nextRung?.(trial, study);
        });
      },
    },
    {
      name: 'does not stop the best of all trials for good',
      async run() {
        for (let seed = 5; seed < 15; seed++) {
          const { study } = play(create(), seed);
          const floors = study.trials.map(
            (trial) => trial.reports[trial.reports.length - 1].value - 2 / trial.reports.length,
          );
          const best = study.trials[floors.indexOf(Math.min(...floors))];
          assert.notEqual(best.state, 'pruned', `seed ${seed}`);
        }
      },
    },
  ];
}
