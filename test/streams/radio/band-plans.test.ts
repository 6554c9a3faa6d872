import { describe, expect, it } from 'vitest';
import { BAND_PLANS, findPlans, planFrequencies } from '../../../streams/radio/band-plans.js';

const channels = (name: string, region?: 'europe' | 'america') =>
  findPlans(name, region).map((plan) => planFrequencies(plan));

describe('band plans', () => {
  it('have the channels that the rules give them', () => {
    const [pmr] = channels('pmr446');
    expect(pmr).toHaveLength(16);
    expect([pmr[0], pmr[7], pmr[15]]).toEqual([446_006_250, 446_093_750, 446_193_750]);
    const [cb] = channels('cb', 'europe');
    expect(cb).toHaveLength(40);
    // Channels 1, 9, 19, 23 and 40; 26.995 MHz is for remote control.
    expect(cb).toEqual(expect.arrayContaining([26_965_000, 27_065_000, 27_185_000, 27_255_000, 27_405_000]));
    expect(cb).not.toContain(26_995_000);
    expect(channels('frs')[0]).toHaveLength(14);
    expect(channels('murs')[0]).toEqual([151_820_000, 151_880_000, 151_940_000, 154_570_000, 154_600_000]);
    expect(channels('marine')[0]).toContain(156_800_000);
    expect(channels('air')[0]).toHaveLength(760);
    expect(channels('weather')[0]).toHaveLength(7);
  });

  it('are found by region, and world plans everywhere', () => {
    expect(findPlans('cb').map(({ region }) => region)).toEqual(['europe', 'america']);
    expect(findPlans('cb', 'america')).toMatchObject([{ mode: 'am' }]);
    expect(findPlans('air', 'america')).toMatchObject([{ region: 'world' }]);
    expect(findPlans('weather', 'europe')).toEqual([]);
  });

  it('rise, without a frequency twice', () => {
    for (const plan of BAND_PLANS) {
      const all = planFrequencies(plan);
      for (let n = 1; n < all.length; n++) expect(all[n], plan.name).toBeGreaterThan(all[n - 1]);
    }
  });
});
