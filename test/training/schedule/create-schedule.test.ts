import { describe, expect, it } from 'vitest';
import { TrainingError } from '../../../src/errors.js';
import { createSchedule, scheduleConfigSchema } from '../../../src/training/schedule/create-schedule.js';

describe('createSchedule', () => {
  it('makes each kind, with the configured rate', () => {
    for (const schedule of ['constant', 'cosine', 'plateau'] as const) {
      const made = createSchedule(scheduleConfigSchema.parse({ schedule, lr: 2e-3, warmup: 0 }), 100);
      expect(made.kind).toBe(schedule);
      expect(made.rate).toBe(2e-3);
      made.scale(0.5);
      expect(made.rate).toBe(1e-3);
    }
  });

  it('defaults to the plateau schedule at 5e-4', () => {
    const made = createSchedule(scheduleConfigSchema.parse({}), 100);
    expect([made.kind, made.rate]).toEqual(['plateau', 5e-4]);
  });

  it('warms up over the configured share of the run', () => {
    const made = createSchedule(scheduleConfigSchema.parse({ schedule: 'cosine', lr: 1, warmup: 0.1 }), 40);
    expect(made.rate).toBe(0.25);
  });

  it('refuses the state of another kind', () => {
    const constant = createSchedule(scheduleConfigSchema.parse({ schedule: 'constant' }), 10);
    const plateau = createSchedule(scheduleConfigSchema.parse({ schedule: 'plateau' }), 10);
    expect(() => constant.restore(plateau.state())).toThrow(TrainingError);
  });

  it('keeps a constant rate through steps, epochs and a restored scale', () => {
    const config = scheduleConfigSchema.parse({ schedule: 'constant', lr: 1e-3 });
    const first = createSchedule(config, 10);
    first.scale(0.3);
    first.afterStep();
    first.afterEpoch(1);
    const second = createSchedule(config, 10);
    second.restore(first.state());
    expect(second.rate).toBe(1e-3 * 0.3);
  });
});
