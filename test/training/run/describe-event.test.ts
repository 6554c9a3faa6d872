import { describe, expect, it } from 'vitest';
import type { TrainingEvent } from '../../../src/training/loop/training-events.js';
import { counted, describeEvent } from '../../../src/training/run/describe-event.js';

const at = { step: 12, epoch: 2 };
const text = (event: TrainingEvent): string =>
  describeEvent(event)
    .map(({ text: words, warning }) => (warning ? `! ${words}` : words))
    .join('\n');

describe('an event in words', () => {
  it('counts one and many', () => {
    expect([0, 1, 2].map((n) => counted(n, 'epoch'))).toEqual(['0 epochs', '1 epoch', '2 epochs']);
  });

  it('says at the start what is learnt from, what was left out, and how far it is', () => {
    const skipped = Array.from({ length: 11 }, (_, i) => ({ name: `${i}.wav`, reason: 'silent' }));
    const data = {
      trainingSeconds: 3600,
      noiseSeconds: 1800,
      validationSeconds: 360,
      skipped,
      hash: 'x',
      split: 'group',
    };
    const started = { kind: 'started', parameters: 99, device: 'cpu', totalSteps: 13 } as const;
    const lines = text({ ...started, ...at, data }).split('\n');
    expect(lines.slice(0, 3)).toEqual([
      'Goes on after step 12.',
      'Training on 1.00 h of speech, 0.50 h of noise, 0.10 h held out.',
      '! left out 0.wav: silent',
    ]);
    expect(lines.slice(-2)).toEqual(['! left out 1 more file', '99 weights on cpu, 1 step to go.']);
    expect(text({ ...started, step: 0, epoch: 1, anew: true })).toMatch(/^! This run .* begins anew\.\n99/);
  });

  it('says of an epoch what was measured', () => {
    const epoch = {
      kind: 'epoch',
      ...at,
      trainLoss: 0.5,
      learningRate: 1e-3,
      gradientNorm: 1,
      seconds: 1,
      rssMB: 1,
    } as const;
    expect(
      text({ ...epoch, loaderShare: 0.02, validationLoss: 0.25, outputs: { siSdr: -3 }, improved: true }),
    ).toBe(
      'epoch 2  training 0.5000  validation 0.2500  siSdr -3.000  rate 1.0e-3  norm 1.00  loader 2 %  best',
    );
  });

  it('says what happened otherwise, and is silent about what is shown as it goes', () => {
    const finding = {
      code: 'x',
      severity: 'watch',
      what: 'It rises.',
      remedy: 'Wait.',
      evidence: {},
    } as const;
    const events: [TrainingEvent, string][] = [
      [{ kind: 'checkpoint', ...at }, ''],
      [{ kind: 'reading', ...at, done: 1, total: 2 }, ''],
      [{ kind: 'finding', ...at, finding }, '! It rises. Wait.'],
      [
        { kind: 'stepped back', ...at, reason: 'the loss became NaN', rateFactor: 0.3 },
        '! the loss became NaN at step 12: back to the last good weights, rate × 0.3',
      ],
      [{ kind: 'paused', ...at, reason: 'budget' }, 'Paused after step 12, as planned.'],
      [{ kind: 'ended', ...at, reason: 'early' }, 'Early stopping ended the run after epoch 2.'],
      [{ kind: 'ended', step: 4, epoch: 1, reason: 'finished' }, 'The run is finished after 1 epoch.'],
      [{ kind: 'failed', ...at, error: { code: 'E_X', message: 'It broke.' } }, '! It broke.'],
    ];
    for (const [event, words] of events) expect(text(event)).toBe(words);
  });
});
