import { describe, expect, it } from 'vitest';
import { JobTimes } from '../../../streams/denoise/job-times.js';

const HOP = 0.016;

describe('the times of a denoiser', () => {
  it('are 0 before the first job', () => {
    expect(new JobTimes(HOP).percentiles(0, 0.5, 0.99)).toEqual([0, 0, 0]);
  });

  it('are stated for a hop, be it a part of one or several', () => {
    const times = new JobTimes(HOP);
    times.add(6, 3 * HOP);
    times.add(1, HOP / 2);
    times.add(3, HOP);
    times.add(9, 0);
    expect(times.percentiles(0, 0.5, 1)).toEqual([1, 2, 3].map((ms) => expect.closeTo(ms, 9)));
    expect(times.load).toBeGreaterThan(0);
  });

  it('are those of the last 4096 jobs, whatever was asked before', () => {
    const times = new JobTimes(HOP);
    for (let n = 0; n < 5000; n++) {
      times.add(n, HOP);
      if (n % 1000 === 0) times.percentiles(0.5);
    }
    expect(times.percentiles(0, 1)).toEqual([904, 4999]);
  });
});
