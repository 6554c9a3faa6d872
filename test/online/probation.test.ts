import { describe, expect, it } from 'vitest';
import { type LiveMeasure, Probation } from '../../src/online/probation.js';

const good = (second: number, more: Partial<LiveMeasure> = {}): LiveMeasure => ({
  seconds: second,
  passedThroughSeconds: 0,
  load: 0.05,
  inputDb: -30,
  outputDb: -40,
  ...more,
});

/** The states of a probation over the measures of its seconds. */
function watch(measureAt: (second: number) => LiveMeasure | undefined, seconds = 60) {
  const probation = new Probation();
  for (let second = 1; second <= seconds; second++) {
    const result = probation.observe(measureAt(second));
    if (result.state !== 'running') return { second, ...result };
  }
  return { second: seconds, state: 'running' };
}

describe('a probation', () => {
  it('passes after sixty good seconds', () => {
    expect(watch(good)).toEqual({ second: 60, state: 'passed' });
  });

  it('forgives four bad seconds of ten', () => {
    expect(watch((s) => good(s, { load: s % 10 < 4 ? 2 : 0.05 }))).toMatchObject({ state: 'passed' });
  });

  const bad: [string, (second: number) => LiveMeasure | undefined, RegExp][] = [
    ['measures vanish', () => undefined, /nothing was measured/],
    ['no audio comes', () => good(7), /no audio came/],
    ['it is too slow', (s) => good(s, { load: 0.9 }), /the load was 0\.90/],
    ['audio passes through', (s) => good(s, { passedThroughSeconds: s }), /undenoised/],
    ['it makes things louder', (s) => good(s, { outputDb: -20 }), /10\.0 dB louder/],
    ['it gives NaN', (s) => good(s, { outputDb: Number.NaN }), /not finite/],
    ['its load is unknown', (s) => good(s, { load: Number.NaN }), /load/],
  ];
  it.each(bad)('fails within six seconds when %s', (_what, measureAt, reason) => {
    const end = watch(measureAt);
    expect(end).toMatchObject({ state: 'failed', reason: expect.stringMatching(reason) });
    expect(end.second).toBeLessThanOrEqual(6);
  });
});
