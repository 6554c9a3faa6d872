import { describe, expect, it } from 'vitest';
import { describeCheck, judge, LIVE_LIMITS } from '../../src/online/gate.js';
import type { GateScores } from '../../src/online/gate-scores.js';

const CHAMPION: GateScores = {
  matched: [5, 8, 11, 6, 9, 12, 7, 10],
  matchedEstoi: [0.5, 0.6, 0.7, 0.5, 0.6, 0.7, 0.5, 0.6],
  anchor: [9, 10, 11, 12],
  anchorEstoi: [0.7, 0.7, 0.7, 0.7],
  clean: [25, 26],
  residue: [-60, -58],
  notFinite: 0,
  streamingError: 1e-7,
  load: 0.02,
};

const better = (by: number, more: Partial<GateScores> = {}): GateScores => ({
  ...CHAMPION,
  matched: CHAMPION.matched.map((value, i) => value + by + (i % 2 === 0 ? 0.1 : -0.1)),
  ...more,
});

const verdictOf = (candidate: GateScores) => judge(CHAMPION, candidate, LIVE_LIMITS).verdict;

describe('the gate', () => {
  it('promotes what gains a dB and harms nothing, with a number for every check', () => {
    const report = judge(CHAMPION, better(1.4), LIVE_LIMITS);
    expect(report.verdict).toBe('promote');
    expect(report.gain.mean).toBeCloseTo(1.4, 6);
    expect(report.checks.map(({ name }) => name)).toEqual([
      'gain',
      'gain is certain',
      'intelligibility',
      'anchor',
      'clean speech',
      'residue',
      'finite',
      'streaming',
      'load',
    ]);
    expect(report.checks.every(({ holds, value }) => holds && Number.isFinite(value))).toBe(true);
    expect(JSON.parse(JSON.stringify(report))).toEqual(report);
  });

  it('rejects what certainly gains less', () => {
    expect(verdictOf(better(0.3))).toBe('reject');
    expect(verdictOf(better(-1))).toBe('reject');
  });

  it('leaves open what varies too much to tell: the champion stays', () => {
    const uneven = CHAMPION.matched.map((value, i) => value + (i % 2 === 0 ? 6 : -4.5));
    const report = judge(CHAMPION, { ...CHAMPION, matched: uneven }, LIVE_LIMITS);
    expect(report.verdict).toBe('inconclusive');
    expect(report.reason).toMatch(/does not tell enough/);
  });

  const harms: [string, Partial<GateScores>, RegExp][] = [
    ['forgets other noises', { anchor: [8.7, 9.7, 10.7, 11.7] }, /anchor −0\.30 dB, at least −0\.20/],
    ['hurts clean speech', { clean: [24, 25] }, /clean speech −1\.00 dB/],
    ['leaves more noise', { residue: [-58, -56] }, /residue 2\.00 dB/],
    ['is understood worse', { matchedEstoi: CHAMPION.matchedEstoi.map((e) => e - 0.02) }, /intelligibility/],
    ['gives NaN', { notFinite: 3 }, /finite 3\.00 samples/],
    ['depends on the chunks', { streamingError: 0.01 }, /streaming/],
    ['is too slow', { load: 0.8 }, /load 0\.80 s\/s/],
    ['is NaN itself', { anchor: [Number.NaN, 10, 11, 12] }, /anchor/],
  ];
  it.each(harms)('rejects what gains but %s', (_what, harm, reason) => {
    const report = judge(CHAMPION, better(3, harm), LIVE_LIMITS);
    expect(report.verdict).toBe('reject');
    expect(report.reason).toMatch(reason);
  });

  it('does not let thirty nights lose a little each: the anchor is that of day zero', () => {
    let champion = CHAMPION;
    const night = (): GateScores => ({
      ...champion,
      matched: champion.matched.map((value, i) => value + 1.4 + (i % 2 === 0 ? 0.1 : -0.1)),
      anchor: champion.anchor.map((value) => value - 0.15),
      clean: champion.clean.map((value) => value - 0.1),
    });
    const verdicts = Array.from({ length: 30 }, () => {
      const candidate = night();
      const { verdict } = judge(champion, candidate, LIVE_LIMITS, CHAMPION);
      if (verdict === 'promote') champion = candidate;
      return verdict;
    });
    expect(verdicts.filter((verdict) => verdict === 'promote')).toHaveLength(1);
    expect(champion.anchor[0]).toBeGreaterThan(CHAMPION.anchor[0] - 0.2);
    // A candidate that recovers what was forgotten is welcome.
    expect(judge(champion, { ...night(), anchor: CHAMPION.anchor }, LIVE_LIMITS, CHAMPION).verdict).toBe(
      'promote',
    );
  });

  it('judges without an anchor set where nothing else is to be remembered', () => {
    const none = { anchor: [], anchorEstoi: [] };
    const report = judge({ ...CHAMPION, ...none }, better(1.4, none), LIVE_LIMITS);
    expect(report.verdict).toBe('promote');
    expect(report.checks.some(({ name }) => name === 'anchor')).toBe(false);
  });

  it('says a check in words', () => {
    const [gain] = judge(CHAMPION, better(1.4), LIVE_LIMITS).checks;
    expect(describeCheck(gain)).toBe('gain 1.40 dB, at least 1.00');
  });
});
