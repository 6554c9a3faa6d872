import { describe, expect, it } from 'vitest';
import { diagnose } from '../../../src/training/diagnose/index.js';
import { codes, epochsOf, fallingLosses, find, run, seeded } from './curves.js';

describe('slowness', () => {
  const flat = (level: number) => {
    const random = seeded(5);
    return Array.from({ length: 20 }, () => level * (1 + 0.01 * random()));
  };

  it('a plateau above 0.1 raises a low rate 3× and resumes', () => {
    const diagnosis = diagnose(run(epochsOf(flat(0.3)), { lr: 1e-4, model: 'lstm' }));
    expect(diagnosis.primary).toMatchObject({ code: 'plateau', patch: { lr: 3e-4 }, start: 'resume' });
    expect(diagnosis.nextCommand).toBe('denoise train --resume runs/one --set lr=0.0003');
    expect(diagnosis.alternatives.map(({ name }) => name)).toEqual([
      'default',
      'serial',
      'long sequences',
      'larger model',
    ]);
  });

  it('a plateau at a high rate asks for a larger model, longer sequences and a lower rate', () => {
    const cure = (config: object) => find('plateau', epochsOf(flat(0.5)), config);
    expect(cure({ lr: 1e-3, hidden: 32, length: 10 })?.patch).toEqual({
      hidden: 64,
      epochs: 50,
      lr: 5e-4,
      length: 50,
      schedule: 'plateau',
      clipNorm: 1,
    });
    expect(cure({ lr: 1e-3, hidden: 64, length: 50 })?.patch).toMatchObject({
      hidden: 128,
      lr: 3e-4,
      epochs: 40,
    });
    expect(cure({ lr: 3e-3, hidden: 128, length: 50 })?.patch).toMatchObject({
      length: 1,
      lr: 1e-3,
      epochs: 30,
    });
    expect(cure({ lr: 3e-3, hidden: 128 })?.remedy).toContain('points at the data');
    expect(cure({ lr: 1e-3 })?.patch).toEqual({ lr: 5e-4, schedule: 'plateau' });
  });

  it('a plateau below 0.1, or of a loss in other units, is none', () => {
    expect(codes(epochsOf(flat(0.05)))).not.toContain('plateau');
    expect(codes(epochsOf(flat(0.5)), { loss: 'stft' })).not.toContain('plateau');
  });

  it('falling but above 0.1 after 15 epochs is slow', () => {
    const losses = Array.from({ length: 16 }, (_, i) => 0.5 * 0.95 ** i);
    expect(find('slow', epochsOf(losses), { lr: 1e-4 })).toMatchObject({
      severity: 'watch',
      patch: { lr: 3e-4 },
      start: 'resume',
    });
    expect(find('slow', epochsOf(losses), { lr: 1e-3, epochs: 16 })?.patch).toEqual({ epochs: 24 });
    expect(codes(epochsOf(losses.slice(0, 14)))).not.toContain('slow');
  });

  it('knows the usual course of the frequency task', () => {
    const losses = Array.from({ length: 6 }, (_, i) => 0.5 * 0.9 ** i);
    expect(find('behind', epochsOf(losses), { task: 'frequency' })?.evidence).toMatchObject({
      epoch: 5,
      usual: 0.2,
    });
    expect(codes(epochsOf(losses))).not.toContain('behind');
  });

  it('ended while still improving asks for more epochs; early stopped does not', () => {
    const losses = fallingLosses(20, 0.09, 0.012);
    const better = epochsOf(losses, (i) => ({ validationLoss: losses[i] * 1.05 }));
    expect(find('still-improving', better, { epochs: 20 })).toMatchObject({
      patch: { epochs: 30 },
      start: 'resume',
    });
    expect(codes(better, { epochs: 50 })).not.toContain('still-improving');
    const stopped = [...better, { kind: 'ended', reason: 'early', step: 2000, epoch: 20 } as const];
    expect(codes(stopped, { epochs: 20 })).not.toContain('still-improving');
    expect(find('early-stopped', stopped)?.severity).toBe('info');
  });

  it('early stopping that came too soon is given more patience', () => {
    const losses = [0.5, 0.3, 0.31, 0.32, 0.31, 0.33];
    expect(find('early-stopped', epochsOf(losses), { patience: 4, epochs: 50 })).toMatchObject({
      severity: 'watch',
      patch: { patience: 20 },
      evidence: { bestEpoch: 2, lastEpoch: 6 },
    });
  });

  it('a schedule dead at its minimum is serious, unless the goal was reached', () => {
    const dying = (losses: number[]) =>
      epochsOf(losses, (i) => ({ learningRate: i < 10 ? 1e-3 : 1e-7, validationLoss: losses[i] }));
    expect(find('dead-schedule', dying(fallingLosses(15, 0.4, 0.05)), { lr: 1e-3 })).toMatchObject({
      severity: 'serious',
      evidence: { epochs: 5 },
      patch: { lr: 3e-4, schedulerFactor: 0.5, schedulerPatience: 8 },
    });
    expect(find('dead-schedule', dying(fallingLosses(15, 0.4, 0.001)), { lr: 1e-3 })?.severity).toBe('info');
    expect(codes(dying(fallingLosses(15, 0.4, 0.05)), { lr: 1e-3, schedule: 'cosine' })).not.toContain(
      'dead-schedule',
    );
  });
});
