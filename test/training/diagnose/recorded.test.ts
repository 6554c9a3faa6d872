import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { diagnose, remedyPatch } from '../../../src/training/diagnose/index.js';
import { parseEvents } from '../../../src/training/loop/training-events.js';

/** Metrics of real trainings of an LSTM on the frequency task, written by scripts/record-training-curves.ts. */
function recorded(name: string, lr: number, epochs: number) {
  const { events, damagedLines } = parseEvents(
    readFileSync(new URL(`./recorded/${name}.jsonl`, import.meta.url), 'utf8'),
  );
  expect(damagedLines).toBe(0);
  expect(events).toHaveLength(epochs);
  const config = { model: 'lstm', task: 'frequency', lr, epochs, hidden: 64, length: 50, clipNorm: 1 };
  return diagnose({ events, config, path: `runs/${name}` });
}

const codes = ({ findings }: ReturnType<typeof diagnose>) => findings.map(({ code }) => code);

describe('recorded runs', () => {
  it('a good one is good, converged, and could go on', () => {
    const diagnosis = recorded('good', 2e-3, 40);
    expect(diagnosis.tier).toBe('good');
    expect(codes(diagnosis)).toContain('converged');
    expect(remedyPatch(diagnosis)).toBeUndefined();
    expect(diagnosis.nextCommand).toBe('denoise train --resume runs/good --set epochs=60');
  });

  it('a late jump that slowly comes down is a jump, not divergence', () => {
    const diagnosis = recorded('late-jump', 2e-3, 40);
    expect(diagnosis.primary).toMatchObject({
      code: 'jump',
      severity: 'serious',
      evidence: { fromEpoch: 36, toEpoch: 37 },
    });
    expect(remedyPatch(diagnosis)?.patch.lr).toBe(6e-4);
    expect(codes(diagnosis)).not.toContain('diverging');
  });

  it('a rate of 0.1 stands still because it is too high, and is not raised', () => {
    const diagnosis = recorded('too-fast', 0.1, 20);
    expect(diagnosis.primary?.code).toBe('plateau');
    expect(remedyPatch(diagnosis)).toMatchObject({ patch: { lr: 5e-4 }, start: 'initial' });
    expect(codes(diagnosis)).not.toContain('overfitting');
  });

  it('a rate of 1 is worse than silence, however its loss falls', () => {
    const diagnosis = recorded('far-too-fast', 1, 12);
    expect(diagnosis.primary?.code).toBe('worse-than-silence');
    expect(remedyPatch(diagnosis)).toMatchObject({ patch: { lr: 1e-3 }, start: 'initial' });
    expect(codes(diagnosis)).not.toContain('falling');
  });

  it('a rate of 1e-6 is raised to the lowest that works, and resumed', () => {
    expect(remedyPatch(recorded('too-slow', 1e-6, 16))).toMatchObject({
      code: 'plateau',
      patch: { lr: 1e-4 },
      start: 'resume',
    });
  });

  it('ten chunks learnt by heart are over-fitting, and neither a plateau nor a dead schedule', () => {
    const diagnosis = recorded('over-fitted', 3e-3, 60);
    expect(diagnosis.primary).toMatchObject({
      code: 'overfitting',
      severity: 'serious',
      evidence: { bestEpoch: 20 },
    });
    expect(codes(diagnosis)).not.toContain('plateau');
    expect(codes(diagnosis)).not.toContain('dead-schedule');
  });

  it('a NaN in the data is told from a rate that is too high', () => {
    const diagnosis = recorded('damaged-data', 2e-3, 8);
    expect(diagnosis.primary).toMatchObject({
      code: 'not-finite',
      severity: 'critical',
      evidence: { firstEpoch: 6 },
    });
    expect(diagnosis.primary?.remedy).toContain('look for NaN in the data');
  });
});
