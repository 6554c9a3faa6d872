import { describe, expect, it } from 'vitest';
import { TrainingWatch } from '../../../src/training/diagnose/index.js';
import { DIVERGED, epochsOf, fallingLosses, stepRecord } from './curves.js';

type Observed = Parameters<TrainingWatch['observe']>[0];

/** Codes that are told after each event. */
function told(events: readonly Observed[], config: Record<string, unknown> = {}): string[][] {
  const watch = new TrainingWatch(config);
  return events.map((event) => watch.observe(event).map(({ code, severity }) => `${code} ${severity}`));
}

describe('TrainingWatch', () => {
  it('tells of a diverging run as it happens, each thing once, and again when it became worse', () => {
    expect(told(epochsOf(DIVERGED), { lr: 1e-3 })).toEqual([
      [],
      ['jump watch'],
      ['diverging critical', 'jump serious'],
      [],
      [],
    ]);
  });

  it('tells of a NaN at the very step, once', () => {
    const records = [
      stepRecord(1),
      stepRecord(2, { trainLoss: Number.NaN }),
      stepRecord(3, { trainLoss: Number.NaN }),
      stepRecord(4),
    ];
    expect(told(records)).toEqual([[], ['not-finite critical'], [], []]);
  });

  it('tells of a step back, once', () => {
    const back = { kind: 'stepped back', reason: 'the loss became NaN', rateFactor: 0.3, epoch: 1 } as const;
    const events = [
      stepRecord(1),
      { ...back, step: 2 },
      stepRecord(2, { trainLoss: Number.NaN }),
      stepRecord(3),
    ];
    expect(told(events)).toEqual([[], ['not-finite watch'], [], []]);
  });

  it('is silent over a good run to its end', () => {
    const losses = fallingLosses(30, 0.3, 0.002, 0.03);
    const epochs = epochsOf(losses, (i) => ({ validationLoss: losses[i] * 1.02 }));
    expect(told(epochs, { epochs: 30 }).flat()).toEqual([]);
  });

  it('sees a trend over a hundred thousand steps in bounded memory', () => {
    const watch = new TrainingWatch({ clipNorm: 1 });
    for (let i = 1; i <= 100_000; i++) watch.observe(stepRecord(i, { gradientNorm: 0.5 * 1.0001 ** i }));
    const news = watch.observe(epochsOf([0.3])[0]);
    expect(news.map(({ code }) => code)).toEqual(['exploding-gradients']);
  });
});
