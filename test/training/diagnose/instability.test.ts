import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { diagnose, remedyPatch } from '../../../src/training/diagnose/index.js';
import { codes, epochsOf, fallingLosses, find, run, seeded, steps } from './curves.js';

describe('instability', () => {
  it('a run that never came back to its first epoch diverges, whatever the epochs between', () => {
    const factor = fc.double({ min: 1.3, max: 2.5, noNaN: true });
    fc.assert(
      fc.property(fc.array(factor, { minLength: 2, maxLength: 12 }), (factors) => {
        const losses = [0.2847, ...factors.map((by) => 0.2847 * by)];
        expect(find('diverging', epochsOf(losses), { lr: 1e-3 })).toMatchObject({
          severity: 'critical',
          patch: { lr: 1e-4 },
        });
      }),
    );
  });

  it('is not called on harder examples while the loss on unseen ones stays where it was', () => {
    const training = [1.029, 1.225, 1.043, 1.101, 1.195, 1.168, 1.134, 1.171, 1.241, 1.287, 1.291];
    const still = epochsOf(training, (i) => ({ validationLoss: 1.0744 - 0.0002 * i }));
    expect(codes(still)).not.toContain('diverging');
    const rising = epochsOf(training, (i) => ({ validationLoss: 1.0744 + 0.02 * i }));
    expect(codes(rising)).toContain('diverging');
  });

  it('late divergence is called, after a long good stretch', () => {
    const losses = [...fallingLosses(20, 0.4, 0.02, 0.05), 0.05, 0.09, 0.2, 0.4];
    expect(find('diverging', epochsOf(losses), { lr: 1e-3 })?.severity).toBe('critical');
  });

  it('one spike that heals is a jump to watch, not divergence', () => {
    const losses = fallingLosses(20, 0.4, 0.02);
    losses[10] *= 2;
    expect(codes(epochsOf(losses))).not.toContain('diverging');
    expect(find('jump', epochsOf(losses), { lr: 1e-3 })?.severity).toBe('watch');
    expect(find('jump', epochsOf(losses), { lr: 1e-3 })).not.toHaveProperty('patch');
  });

  it('one step up that stays is serious', () => {
    const losses = [0.3, 0.2, 0.15, 0.12, 0.11, 0.1, 0.14, 0.139, 0.137, 0.136];
    expect(find('jump', epochsOf(losses), { lr: 1e-3 })).toMatchObject({
      severity: 'serious',
      patch: { lr: 3e-4, clipNorm: 1 },
      start: 'initial',
    });
  });

  it('swings of ±30 % are serious, of ±20 % are watched, of ±10 % are nothing', () => {
    const swinging = (size: number) =>
      Array.from({ length: 14 }, (_, i) => 0.08 * (i % 2 === 0 ? 1 : 1 + size));
    expect(find('oscillating', epochsOf(swinging(0.4)), { lr: 1e-4 })).toMatchObject({
      severity: 'serious',
      patch: { lr: 5e-5 },
      start: 'initial',
    });
    expect(find('oscillating', epochsOf(swinging(0.25)))?.severity).toBe('watch');
    expect(find('oscillating', epochsOf(swinging(0.1)))).toBeUndefined();
  });

  it('NaN at the end is critical, NaN that was recovered from is watched', () => {
    const lost = [...fallingLosses(5, 0.4, 0.1), Number.NaN, Number.NaN];
    expect(diagnose(run(epochsOf(lost), { lr: 1e-3 })).primary).toMatchObject({
      code: 'not-finite',
      severity: 'critical',
      patch: { lr: 3e-4, clipNorm: 1 },
      evidence: { firstEpoch: 6 },
    });
    const recovered = [
      ...steps(30, (i) => (i === 12 ? { trainLoss: Number.POSITIVE_INFINITY } : {})),
      ...epochsOf(fallingLosses(5, 0.4, 0.1)),
    ];
    expect(find('not-finite', recovered)).toMatchObject({ severity: 'watch', evidence: { firstStep: 13 } });
    const caught = [
      ...epochsOf(fallingLosses(5, 0.4, 0.1)),
      { kind: 'stepped back', reason: 'the loss became NaN', rateFactor: 0.3, step: 150, epoch: 2 } as const,
    ];
    expect(find('not-finite', caught)?.severity).toBe('watch');
  });

  it('a NaN in the validation alone is seen', () => {
    expect(codes(epochsOf([0.3, 0.2, 0.1], (i) => ({ validationLoss: i === 2 ? Number.NaN : 0.3 })))[0]).toBe(
      'not-finite',
    );
  });

  it('gradient norms that explode are serious, single spikes are watched, steady ones are nothing', () => {
    const base = epochsOf(fallingLosses(6, 0.4, 0.05));
    const growing = [...steps(200, (i) => ({ gradientNorm: 0.5 * 1.03 ** i })), ...base];
    expect(find('exploding-gradients', growing)).toMatchObject({
      severity: 'serious',
      patch: { clipNorm: 1 },
    });
    expect(find('exploding-gradients', growing, { lr: 1e-3, clipNorm: 1 })?.patch).toEqual({ lr: 3e-4 });
    const spike = [...steps(200, (i) => ({ gradientNorm: i === 77 ? 500 : 0.5 })), ...base];
    expect(find('exploding-gradients', spike)?.severity).toBe('watch');
    const random = seeded(3);
    const steady = [...steps(200, () => ({ gradientNorm: 0.2 + random() })), ...base];
    expect(codes(steady)).not.toContain('exploding-gradients');
  });

  it('weights that do not move are critical, and no settings are proposed', () => {
    const diagnosis = diagnose(run(epochsOf([0.5, 0.5, 0.5, 0.5]), { lr: 1e-3 }));
    expect(diagnosis.primary).toMatchObject({ code: 'not-updating', severity: 'critical' });
    expect(diagnosis.nextCommand).toBeUndefined();
    expect(remedyPatch(diagnosis)).toBeUndefined();
    const zero = steps(30, () => ({ gradientNorm: 0 }));
    expect(codes([...zero, ...epochsOf([0.5, 0.49, 0.5])])[0]).toBe('not-updating');
  });
});
