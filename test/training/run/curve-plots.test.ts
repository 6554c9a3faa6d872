import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { TrainingEvent } from '../../../src/training/loop/training-events.js';
import { curvePlots } from '../../../src/training/run/curve-plots.js';
import { RunFolder } from '../../../src/training/run/run-folder.js';
import { epochsOf, fallingLosses } from '../diagnose/curves.js';
import { tinyJob } from './tiny-job.js';

const ALL = ['curves.png', 'curves-learning-rate.png', 'curves-gradient-norm.png'];
const isPng = (png: Buffer) => png.subarray(1, 4).toString() === 'PNG' && png.length > 2000;

describe('curvePlots', () => {
  it('draws losses, rate and gradient norm, and a different chart for a different run', () => {
    const one = curvePlots(
      epochsOf(fallingLosses(20, 0.4, 0.01), () => ({ validationLoss: 0.2 })),
      'one',
    );
    const two = curvePlots(
      epochsOf(fallingLosses(20, 0.4, 0.2), () => ({ validationLoss: 0.2 })),
      'one',
    );
    expect([...one.keys()]).toEqual(ALL);
    expect([...one.values()].every(isPng)).toBe(true);
    expect(two.get('curves.png')).not.toEqual(one.get('curves.png'));
    expect(two.get('curves-learning-rate.png')).toEqual(one.get('curves-learning-rate.png'));
  });

  it('takes NaN, zero, negative losses, one epoch and none', () => {
    const png = (losses: number[]) => curvePlots(epochsOf(losses), 'run').get('curves.png');
    for (const losses of [[0.3, Number.NaN, 0.2], [0, 0, 0], [-3, -12], [0.5]]) {
      expect(isPng(png(losses)!)).toBe(true);
    }
    expect(png([Number.NaN])).toBeUndefined();
    expect(curvePlots([], 'run').size).toBe(0);
  });

  it('draws a hundred thousand steps', () => {
    const steps: TrainingEvent[] = Array.from({ length: 100_000 }, (_, i) => ({
      ...epochsOf([Math.exp(-i / 3e4) + (i % 977 === 0 ? Number.NaN : 0)])[0],
      kind: 'step' as const,
      step: i + 1,
    }));
    expect([...curvePlots(steps, 'long').keys()]).toEqual(ALL);
  });

  it('are written into the run folder', () => {
    const root = mkdtempSync(join(tmpdir(), 'denoise-plots-'));
    try {
      const folder = RunFolder.create(join(root, 'run'), tinyJob());
      for (const record of epochsOf([0.3, 0.2, 0.1])) folder.record(record);
      folder.writeCurves('run');
      folder.close();
      expect(readdirSync(join(root, 'run'))).toEqual(expect.arrayContaining(ALL));
    } finally {
      rmSync(root, { recursive: true, force: true });
    }
  });
});
