import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  formatRecord,
  type MetricsRecord,
  parseMetrics,
  parseRecord,
} from '../../../src/training/loop/training-events.js';

const number = fc.double().map((value) => (Object.is(value, -0) ? 0 : value));
const record: fc.Arbitrary<MetricsRecord> = fc.oneof(
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
    kind: fc.constant('event' as const),
    step: fc.nat(),
    epoch: fc.nat(),
    event: fc.constantFrom('start' as const, 'early stop' as const, 'nan' as const),
    detail: fc.oneof(fc.string(), fc.constant('NaN')),
  }),
);

describe('metrics', () => {
  it('come back exactly, NaN and the infinities included', () => {
    fc.assert(
      fc.property(fc.array(record), (records) => {
        const text = records.map(formatRecord).join('');
        expect(parseMetrics(text)).toEqual({ records, damagedLines: 0 });
      }),
    );
  });

  it('survive being cut anywhere: what is whole is read, at most one line is damaged', () => {
    fc.assert(
      fc.property(fc.array(record, { minLength: 1, maxLength: 5 }), fc.nat(2000), (records, cut) => {
        const lines = records.map(formatRecord);
        const text = lines.join('').slice(0, cut);
        const { records: read, damagedLines } = parseMetrics(text);
        expect(damagedLines).toBeLessThanOrEqual(1);
        expect(read).toEqual(records.slice(0, read.length));
        expect(read.length).toBeGreaterThanOrEqual(text.split('\n').length - 1);
      }),
    );
  });

  it('takes any text without throwing', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (line) => {
        parseRecord(line);
        parseMetrics(line);
      }),
    );
    expect(parseRecord('{"kind":"step","step":1,"epoch":1}')).toBeUndefined();
    expect(parseRecord('{"kind":"event","step":1,"epoch":1}')).toBeUndefined();
    expect(parseRecord('null')).toBeUndefined();
  });
});
