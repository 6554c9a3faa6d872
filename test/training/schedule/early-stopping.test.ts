import { describe, expect, it } from 'vitest';
import { EarlyStopping } from '../../../src/training/schedule/early-stopping.js';

describe('EarlyStopping', () => {
  it('stops after `patience` epochs in a row that were no better', () => {
    const stopping = new EarlyStopping(3);
    const losses = [5, 4, 4, 4.5, 3.9, 4, 4, 4];
    const verdicts = losses.map((loss, i) => stopping.update(i + 1, loss));
    expect(verdicts.map((verdict) => verdict.improved)).toEqual([
      true,
      true,
      false,
      false,
      true,
      false,
      false,
      false,
    ]);
    expect(verdicts.findIndex((verdict) => verdict.stop)).toBe(7);
    expect([stopping.best, stopping.bestEpoch]).toEqual([3.9, 5]);
  });

  it('counts any strict improvement, and never NaN', () => {
    const stopping = new EarlyStopping(2);
    expect(stopping.update(1, 1).improved).toBe(true);
    expect(stopping.update(2, 1 - 1e-12).improved).toBe(true);
    expect(stopping.update(3, Number.NaN)).toEqual({ improved: false, stop: false });
    expect(stopping.update(4, 1)).toEqual({ improved: false, stop: true });
  });

  it('never stops with infinite patience', () => {
    const stopping = new EarlyStopping(Number.POSITIVE_INFINITY);
    for (let epoch = 1; epoch < 100; epoch++) expect(stopping.update(epoch, 1).stop).toBe(false);
  });

  it('continues from its state, through JSON, also before the first finite loss', () => {
    for (const before of [[], [Number.NaN], [2, 1, 3]]) {
      const first = new EarlyStopping(3);
      before.forEach((loss, i) => {
        first.update(i + 1, loss);
      });
      const second = new EarlyStopping(3);
      second.restore(JSON.parse(JSON.stringify(first.state())));
      for (let epoch = 4; epoch < 9; epoch++) {
        expect(second.update(epoch, 1.5)).toEqual(first.update(epoch, 1.5));
      }
      expect(second.state()).toEqual(first.state());
    }
  });
});
