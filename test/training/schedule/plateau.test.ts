import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PlateauSchedule } from '../../../src/training/schedule/plateau.js';

/** Rate after each epoch, for these losses. */
function rates(schedule: PlateauSchedule, losses: readonly number[]): number[] {
  return losses.map((loss) => {
    schedule.afterEpoch(loss);
    return schedule.rate;
  });
}

describe('PlateauSchedule', () => {
  // The expected rates were worked out by hand from torch.optim.lr_scheduler.ReduceLROnPlateau.step().
  it('reduces on the epoch after `patience` bad ones', () => {
    const schedule = new PlateauSchedule({ initial: 1, factor: 0.5, patience: 2 });
    expect(rates(schedule, [1, 1, 1, 1, 1, 1, 1])).toEqual([1, 1, 1, 0.5, 0.5, 0.5, 0.25]);
    expect(schedule.reductions).toBe(2);
  });

  it('with patience 0 reduces on every bad epoch', () => {
    const schedule = new PlateauSchedule({ initial: 1, factor: 0.1, patience: 0 });
    expect(rates(schedule, [3, 2, 2, 1])).toEqual([1, 1, 0.1, 0.1]);
  });

  it('counts only a relative improvement of more than 1e-4', () => {
    const schedule = new PlateauSchedule({ initial: 1, factor: 0.5, patience: 0 });
    // 0.99995 is no improvement on 1; 0.9998 is; 0.9998·(1 − 1e-4) itself is not below the line.
    expect(rates(schedule, [1, 0.99995, 0.9998, 0.9998 * (1 - 1e-4)])).toEqual([1, 0.5, 0.5, 0.25]);
  });

  it('compares with the best, not with the last', () => {
    const schedule = new PlateauSchedule({ initial: 1, factor: 0.5, patience: 1 });
    expect(rates(schedule, [1, 3, 2, 1.5])).toEqual([1, 1, 0.5, 0.5]);
  });

  it('does not count during the cool-down', () => {
    const schedule = new PlateauSchedule({ initial: 1, factor: 0.5, patience: 1, cooldown: 2 });
    // Epochs 2 and 3 are bad: reduced at 3. Epochs 4, 5 are cool-down. 6, 7 are bad: reduced at 7.
    expect(rates(schedule, [1, 1, 1, 1, 1, 1, 1, 1])).toEqual([1, 1, 0.5, 0.5, 0.5, 0.5, 0.25, 0.25]);
  });

  it('stops at the minimum, and makes no reduction smaller than 1e-8', () => {
    const schedule = new PlateauSchedule({ initial: 4e-7, factor: 0.3, patience: 0 });
    expect(rates(schedule, [1, 1, 1, 1])).toEqual([4e-7, 0.3 * 4e-7, 1e-7, 1e-7]);
    const tiny = new PlateauSchedule({ initial: 1.05e-7, factor: 0.5, patience: 0 });
    expect(rates(tiny, [1, 1])).toEqual([1.05e-7, 1.05e-7]);
  });

  it('takes NaN for a bad epoch', () => {
    const schedule = new PlateauSchedule({ initial: 1, factor: 0.5, patience: 1 });
    expect(rates(schedule, [1, Number.NaN, Number.NaN])).toEqual([1, 1, 0.5]);
  });

  it('scaled below the minimum is not lifted back', () => {
    const schedule = new PlateauSchedule({ initial: 2e-7, factor: 0.5, patience: 0 });
    schedule.scale(0.3);
    schedule.afterEpoch(1);
    schedule.afterEpoch(1);
    expect(schedule.rate).toBeLessThanOrEqual(2e-7 * 0.3);
  });

  it('continues bit for bit from its state at any epoch, through JSON', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.double({ min: 0, max: 2 }), fc.constant(Number.NaN)), {
          minLength: 1,
          maxLength: 60,
        }),
        fc.nat(60),
        fc.nat(4),
        fc.nat(3),
        (losses, at, patience, cooldown) => {
          const options = { initial: 1e-3, factor: 0.3, patience, cooldown };
          const unbroken = new PlateauSchedule(options);
          const expected = rates(unbroken, losses);
          const first = new PlateauSchedule(options);
          rates(first, losses.slice(0, at));
          const second = new PlateauSchedule(options);
          second.restore(JSON.parse(JSON.stringify(first.state())));
          expect(rates(second, losses.slice(at))).toEqual(expected.slice(at));
          expect(second.state()).toEqual(unbroken.state());
        },
      ),
    );
  });
});
