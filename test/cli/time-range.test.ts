import { describe, expect, it } from 'vitest';
import { parseTimeRange } from '../../src/cli/time-range.js';

describe('parseTimeRange', () => {
  it('reads hours, minutes and seconds', () => {
    expect(parseTimeRange('0:00-0:02')).toEqual({ from: 0, to: 2 });
    expect(parseTimeRange('1:02:03.5-1:02:05')).toEqual({ from: 3723.5, to: 3725 });
    expect(parseTimeRange('12-14.5')).toEqual({ from: 12, to: 14.5 });
  });

  it.each(['', '5', '2-1', '1-1', 'a-b', '1-2-3', '-1-2', '1:2:3:4-5'])('refuses %s', (text) => {
    expect(() => parseTimeRange(text)).toThrow(/beginning and an end/);
  });
});
