import { describe, expect, it } from 'vitest';
import { allFinite, NanGuard } from '../../../src/training/schedule/nan-guard.js';

const GOOD = { loss: 0.1, gradientNorm: 1 };

describe('NanGuard', () => {
  it('steps back with 0.3 of the rate, then gives up after its retries', () => {
    const guard = new NanGuard({ retries: 2 });
    expect(guard.inspect(GOOD).action).toBe('go on');
    expect(guard.inspect({ loss: Number.NaN, gradientNorm: 1 })).toEqual({
      action: 'step back',
      rateFactor: 0.3,
      attempt: 1,
      retriesLeft: 1,
      reason: 'the loss became NaN',
    });
    expect(guard.inspect({ loss: 1, gradientNorm: Number.POSITIVE_INFINITY })).toMatchObject({
      action: 'step back',
      attempt: 2,
      retriesLeft: 0,
      reason: 'the gradient norm became Infinity',
    });
    expect(guard.inspect({ loss: Number.NaN, gradientNorm: Number.NaN }).action).toBe('give up');
    expect(guard.totalFailures).toBe(3);
  });

  it('forgives after enough good steps in a row, not before', () => {
    const bad = { loss: Number.NaN, gradientNorm: 1 };
    const guard = new NanGuard({ retries: 1, forgiveAfter: 3 });
    guard.inspect(bad);
    guard.inspect(GOOD);
    guard.inspect(GOOD);
    expect(guard.inspect(bad).action).toBe('give up');
    const patient = new NanGuard({ retries: 1, forgiveAfter: 3 });
    patient.inspect(bad);
    for (let step = 0; step < 3; step++) patient.inspect(GOOD);
    expect(patient.inspect(bad).action).toBe('step back');
  });

  it('continues from its state', () => {
    const first = new NanGuard({ retries: 1 });
    first.inspect({ loss: Number.NaN, gradientNorm: 1 });
    const second = new NanGuard({ retries: 1 });
    second.restore(JSON.parse(JSON.stringify(first.state())));
    expect(second.inspect({ loss: Number.NaN, gradientNorm: 1 }).action).toBe('give up');
  });
});

describe('allFinite', () => {
  it('finds one bad value anywhere', () => {
    const weights = new Float32Array(1000).fill(-3.4e38);
    expect(allFinite(weights)).toBe(true);
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      for (const at of [0, 500, 999]) {
        const damaged = weights.slice();
        damaged[at] = bad;
        expect(allFinite(damaged)).toBe(false);
      }
    }
    expect(allFinite(new Float32Array(0))).toBe(true);
  });
});
