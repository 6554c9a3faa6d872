import { describe, expect, it } from 'vitest';
import { WarmupCosineSchedule } from '../../../src/training/schedule/warmup-cosine.js';

function rates(schedule: WarmupCosineSchedule, steps: number): number[] {
  return Array.from({ length: steps }, () => {
    const { rate } = schedule;
    schedule.afterStep();
    return rate;
  });
}

describe('WarmupCosineSchedule', () => {
  it('rises in a line to the peak, falls as half a cosine to the floor, and stays there', () => {
    const schedule = new WarmupCosineSchedule({ peak: 1, floor: 0.1, warmupSteps: 4, totalSteps: 8 });
    // ½(1 + cos(π·k/4)) for k = 0…4: 1, 0.853553, 0.5, 0.146447, 0
    const expected = [0.25, 0.5, 0.75, 1, 1, 0.868198, 0.55, 0.231802, 0.1, 0.1];
    rates(schedule, 10).forEach((rate, i) => {
      expect(rate).toBeCloseTo(expected[i], 6);
    });
  });

  it('without warm-up starts at the peak', () => {
    expect(new WarmupCosineSchedule({ peak: 3e-4, floor: 0, warmupSteps: 0, totalSteps: 10 }).rate).toBe(
      3e-4,
    );
  });

  it('scales every later rate, and continues bit for bit from its state', () => {
    const options = { peak: 1e-3, floor: 1e-6, warmupSteps: 3, totalSteps: 20 };
    const unbroken = new WarmupCosineSchedule(options);
    rates(unbroken, 7);
    unbroken.scale(0.3);
    const resumed = new WarmupCosineSchedule(options);
    resumed.restore(JSON.parse(JSON.stringify(unbroken.state())));
    const plain = new WarmupCosineSchedule(options);
    rates(plain, 7);
    const expected = rates(unbroken, 15);
    expect(rates(resumed, 15)).toEqual(expected);
    expect(expected[0]).toBeCloseTo(0.3 * plain.rate, 12);
  });
});
