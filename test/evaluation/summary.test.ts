import { expect, it } from 'vitest';
import { summarise } from '../../src/evaluation/summary.js';

const scores = (siSdr: number) => ({ siSdr, estoi: siSdr / 100, segmentalSnr: -siSdr });

it('means before and after, and the change with an interval that holds it', () => {
  const recordings = [1, 2, 3, 6].map((gain, i) => ({ before: scores(i), after: scores(i + gain) }));
  const { before, after, change } = summarise(recordings);
  expect(before).toEqual({ siSdr: 1.5, estoi: expect.closeTo(0.015, 12), segmentalSnr: -1.5 });
  expect(after.siSdr).toBe(4.5);
  expect(change.siSdr.mean).toBeCloseTo(3, 12);
  expect(change.segmentalSnr.mean).toBeCloseTo(-3, 12);
  expect(change.siSdr.low).toBeGreaterThanOrEqual(1);
  expect(change.siSdr.low).toBeLessThan(3);
  expect(change.siSdr.high).toBeGreaterThan(3);
  expect(change.siSdr.high).toBeLessThanOrEqual(6);
});
