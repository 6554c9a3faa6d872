import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  formatEvent,
  parseEvent,
  parseEvents,
  type TrainingEvent,
} from '../../../src/training/loop/training-events.js';

const number = fc.double().map((value) => (Object.is(value, -0) ? 0 : value));
const event: fc.Arbitrary<TrainingEvent> = fc.oneof(
  fc.record({
    kind: fc.constant('step' as const),
    step: fc.nat(),
    epoch: fc.nat(),
    trainLoss: number,
    learningRate: number,
    gradientNorm: number,
    seconds: number,
    rssMB: number,
    loaderShare: number,
  }),
  fc.record(
    {
      kind: fc.constant('epoch' as const),
      step: fc.nat(),
      epoch: fc.nat(),
      trainLoss: number,
      validationLoss: number,
      testLoss: number,
      learningRate: number,
      gradientNorm: number,
      seconds: number,
      rssMB: number,
      loaderShare: number,
    },
    {
      requiredKeys: [
        'kind',
        'step',
        'epoch',
        'trainLoss',
        'learningRate',
        'gradientNorm',
        'seconds',
        'rssMB',
        'loaderShare',
      ],
    },
  ),
  fc.record({
    kind: fc.constant('stepped back' as const),
    step: fc.nat(),
    epoch: fc.nat(),
    reason: fc.oneof(fc.string(), fc.constant('NaN')),
    rateFactor: number,
  }),
  fc.record({
    kind: fc.constant('paused' as const),
    step: fc.nat(),
    epoch: fc.nat(),
    reason: fc.constantFrom('budget' as const, 'asked' as const),
  }),
  fc.record({
    kind: fc.constant('finding' as const),
    step: fc.nat(),
    epoch: fc.nat(),
    finding: fc.record({
      code: fc.string(),
      severity: fc.constantFrom('critical' as const, 'watch' as const),
      what: fc.string(),
      remedy: fc.string(),
      evidence: fc.dictionary(
        fc.constantFrom('rate', 'loss'),
        fc.double({ noNaN: true, noDefaultInfinity: true, min: 0.1 }),
      ),
    }),
  }),
);

describe('training events', () => {
  it('come back exactly, NaN and the infinities included', () => {
    fc.assert(
      fc.property(fc.array(event), (events) => {
        const text = events.map(formatEvent).join('');
        expect(parseEvents(text)).toEqual({ events, damagedLines: 0 });
      }),
    );
  });

  it('survive being cut anywhere: what is whole is read, at most one line is damaged', () => {
    fc.assert(
      fc.property(fc.array(event, { minLength: 1, maxLength: 5 }), fc.nat(2000), (events, cut) => {
        const lines = events.map(formatEvent);
        const text = lines.join('').slice(0, cut);
        const { events: read, damagedLines } = parseEvents(text);
        expect(damagedLines).toBeLessThanOrEqual(1);
        expect(read).toEqual(events.slice(0, read.length));
        expect(read.length).toBeGreaterThanOrEqual(text.split('\n').length - 1);
      }),
    );
  });

  it('takes any text without throwing', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (line) => {
        parseEvent(line);
        parseEvents(line);
      }),
    );
    expect(parseEvent('{"kind":"step","step":1,"epoch":1}')).toBeUndefined();
    expect(parseEvent('{"kind":"event","step":1,"epoch":1}')).toBeUndefined();
    expect(parseEvent('null')).toBeUndefined();
  });

  it('went through JSON.stringify still say that a number was none', () => {
    const at = {
      step: 1,
      epoch: 1,
      learningRate: 1,
      gradientNorm: Number.NaN,
      seconds: 1,
      rssMB: 1,
      loaderShare: 0,
    };
    const step: TrainingEvent = { kind: 'step', ...at, trainLoss: Number.POSITIVE_INFINITY };
    expect(parseEvent(JSON.stringify(step))).toEqual({ ...step, trainLoss: Number.NaN });
  });

  it('of version 0 are read as what they meant', () => {
    const old = (event: string, detail?: string) =>
      parseEvent(JSON.stringify({ kind: 'event', step: 3, epoch: 1, event, detail }));
    expect(old('start')).toMatchObject({ kind: 'started' });
    expect(old('nan', 'the loss became NaN')).toMatchObject({
      kind: 'stepped back',
      reason: 'the loss became NaN',
    });
    expect(old('warning', 'It rises.')).toMatchObject({ kind: 'finding', finding: { what: 'It rises.' } });
    expect(old('interrupted')).toMatchObject({ kind: 'paused', reason: 'asked' });
    expect(old('early stop')).toMatchObject({ kind: 'ended', reason: 'early' });
    expect(old('finished')).toMatchObject({ kind: 'ended', reason: 'finished' });
    expect(old('danced')).toBeUndefined();
  });
});
