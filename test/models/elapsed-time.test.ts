import { expect, it } from 'vitest';
import { scaleElapsed, timeStatistics } from '../../models/elapsed-time.js';

it('scales time as the guide of the liquid networks does', () => {
  expect(scaleElapsed(0.7, 'raw')).toBe(0.7);
  expect(scaleElapsed(0.7, 'log')).toBeCloseTo(Math.log(1.7), 12);
  expect(scaleElapsed(0.7, 'bounded')).toBeCloseTo(Math.tanh(0.7), 12);
  const statistics = timeStatistics([1, 2, 3, 6]);
  expect(statistics).toEqual({ mean: 3, deviation: Math.sqrt(14 / 4) });
  expect(scaleElapsed(6, 'normalised', statistics)).toBeCloseTo(3 / (Math.sqrt(3.5) + 1e-6), 9);
  expect(scaleElapsed(5, 'normalised', timeStatistics([5, 5, 5]))).toBe(0);
});
