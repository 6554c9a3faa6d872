import { describe, expect, it } from 'vitest';
import { diagnose, formatDiagnosis } from '../../../src/training/diagnose/index.js';
import { codes, epochsOf } from './curves.js';

describe('what became of a run', () => {
  const steady = epochsOf([0.4, 0.39, 0.395], (i) => ({ validationLoss: 0.4 - 0.001 * i }));

  it.each([
    ['running', /still going on.*Let it go on/],
    ['paused', /paused/],
    ['killed', /ended from outside/],
    ['finished', /The run is finished\. .*use the weights of its best epoch/],
    ['early-stopped', /Early stopping ended the run after epoch 3/],
    ['failed', /ended with an error/],
  ] as const)('is told and not guessed: %s', (status, advice) => {
    const diagnosis = diagnose({
      events: steady,
      config: { patience: 1, epochs: 50, loss: 'spectral' },
      status,
    });
    expect(diagnosis.status).toBe(status);
    expect(diagnosis.advice).toMatch(advice);
    const stopped = diagnosis.findings.some(({ code }) => code === 'early-stopped');
    expect(stopped).toBe(status === 'early-stopped');
    expect(formatDiagnosis(diagnosis)).toMatch(new RegExp(`^Run: +${status}\n`));
  });

  it('without patience was never ended by it', () => {
    expect(codes(steady, { patience: 0, epochs: 50 })).not.toContain('early-stopped');
  });
});
