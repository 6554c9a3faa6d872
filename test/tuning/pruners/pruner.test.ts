import { describe, expect, it } from 'vitest';
import { ashaPruner } from '../../../src/tuning/pruners/asha.js';
import { pruners } from '../../../src/tuning/pruners/index.js';
import { ceilingOf } from '../../../src/tuning/pruners/pasha.js';
import { medianPruner } from '../../../src/tuning/pruners/percentile.js';
import { Ladder } from '../../../src/tuning/pruners/rungs.js';
import type { StudyView } from '../../../src/tuning/study-view.js';
import { practiceStudy } from '../../../src/tuning/testing/practice.js';
import { prunerChecks } from '../../../src/tuning/testing/pruner.js';
import type { TrialRecord } from '../../../src/tuning/trial.js';
import { coded } from '../../cli/support/coded.js';

for (const name of pruners.names) {
  describe(`the ${name} pruner`, () => {
    for (const check of prunerChecks(() => pruners.get(name)({ minSteps: 2, upper: 1e6 })))
      it(check.name, check.run);
  });
}

/** Trials with these losses at steps 1, 2, … */
function studyOf(curves: number[][], state: TrialRecord['state'] = 'paused'): StudyView {
  const [template] = practiceStudy(1).trials;
  return {
    ...practiceStudy(0),
    trials: curves.map((curve, number) => ({
      ...template,
      number,
      state,
      values: state === 'complete' ? [Math.min(...curve)] : undefined,
      reports: curve.map((value, i) => ({ step: i + 1, value })),
    })),
  };
}

describe('ASHA', () => {
  const asha = ashaPruner({ minSteps: 1, reduction: 3 });

  it('pauses the first two at the lowest rung, and lets the best of three go on', () => {
    const judged = (curves: number[][]) =>
      asha.judge(studyOf(curves).trials[curves.length - 1], studyOf(curves));
    expect(judged([[5]])).toBe('pause');
    expect(judged([[5], [4]])).toBe('pause');
    expect(judged([[5], [4], [3]])).toBe('continue');
    expect(judged([[5], [4], [6]])).toBe('pause');
  });

  it('promotes the best paused trial once three have come, from the highest rung first', () => {
    expect(asha.promote!(studyOf([[5], [4]]))).toBeUndefined();
    expect(asha.promote!(studyOf([[5], [4], [6]]))).toBe(1);
    const steps = (loss: number) => [loss, loss, loss];
    expect(asha.promote!(studyOf([steps(3), steps(2), steps(4), [9], [1], [9], [8]]))).toBe(1);
  });

  it('lets equals go on together: what tells them apart has not acted yet', () => {
    const curves = [[3], [4], [3], [3]];
    expect(asha.judge(studyOf(curves).trials[3], studyOf(curves))).toBe('continue');
    expect(asha.promote!(studyOf([[3, 3, 3], [4], [3], [5]]))).toBe(2);
  });

  it('names the next rung, and does not promote what broke', () => {
    const study = studyOf([[1, 1, 1, 1], [Number.NaN], [Number.NaN]]);
    expect(asha.nextRung!(study.trials[0], study)).toBe(9);
    expect(asha.promote!(studyOf([[Number.NaN], [Number.NaN], [Number.NaN]]))).toBeUndefined();
  });
});

describe('PASHA', () => {
  const ladder = new Ladder(1, 3);
  it('stays on two rungs while their order is the same, and gets a third when it is not', () => {
    const settled = studyOf([[3, 2, 1], [4, 3, 2], [5, 4, 3], [9]]);
    expect(ceilingOf(ladder, settled)).toBe(1);
    const crossed = studyOf([[3, 2, 2.5], [4, 3, 1], [5, 4, 3], [9]]);
    expect(ceilingOf(ladder, crossed)).toBe(2);
  });

  it('takes for noise what swaps places again and again', () => {
    const noisy = studyOf([
      [1.01, 1, 1.01, 1, 1.01, 1, 1.01, 1, 1.001],
      [1, 1.01, 1, 1.01, 1, 1.01, 1, 1.01, 1],
    ]);
    expect(ceilingOf(ladder, noisy)).toBe(2);
  });
});

describe('the median rule', () => {
  it('ends what is worse than the median of the complete ones at the same step', () => {
    const complete = studyOf([[1], [2], [3], [4], [5]], 'complete');
    const with6th = (loss: number): StudyView => ({
      ...complete,
      trials: [...complete.trials, { ...studyOf([[loss]], 'running').trials[0], number: 5 }],
    });
    const median = medianPruner({ minSteps: 1 });
    expect(median.judge(with6th(3.5).trials[5], with6th(3.5))).toBe('prune');
    expect(median.judge(with6th(2.5).trials[5], with6th(2.5))).toBe('continue');
  });
});

it('the threshold pruner wants a threshold', () => {
  expect(() => pruners.get('threshold')({})).toThrow(coded('E_PRUNER') as Error);
  expect(() => pruners.get('ahsa')).toThrow(coded('E_UNKNOWN_NAME') as Error);
});
