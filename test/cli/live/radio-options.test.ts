import { describe, expect, it } from 'vitest';
import { parseBandwidth, parseMode, parseSquelch } from '../../../src/cli/live/radio-options.js';
import { audioRateOf, MODES } from '../../../streams/radio/modes.js';
import { Receiver } from '../../../streams/radio/receiver.js';
import { coded } from '../support/coded.js';

describe('options of the receiver', () => {
  it('reads modes, and guesses what a slip meant', () => {
    expect(parseMode('NBFM')).toBe('nbfm');
    expect(['fm', 'nfm', 'WFM'].map(parseMode)).toEqual(['nbfm', 'nbfm', 'wbfm']);
    expect(() => parseMode('nbmf')).toThrow(
      expect.objectContaining({ hint: expect.stringContaining('mean nbfm?') }),
    );
    expect(() => parseMode('morse')).toThrow(coded('E_MODE'));
  });

  it('reads a squelch as a ratio from 0 up, and as a level below', () => {
    expect(parseSquelch('off')).toEqual({ kind: 'off' });
    expect(parseSquelch('8')).toEqual({ kind: 'noise', thresholdDb: 8 });
    expect(parseSquelch('-40')).toEqual({ kind: 'carrier', thresholdDb: -40 });
    expect(() => parseSquelch('loud')).toThrow(coded('E_SQUELCH'));
    expect(() => parseSquelch('')).toThrow(coded('E_SQUELCH'));
  });

  it.each(MODES)('receives %s in every width that it takes, and in no other', (mode) => {
    const given = {
      inputRate: 1_024_000,
      centreHz: 100e6,
      tuneHz: 100.2e6,
      mode,
      audioRate: audioRateOf(mode),
    };
    const taken = [50, 100, 400, 500, 1_200, 2_000, 5_000, 6_000, 20_000, 50_000, 100_000, 400_000, 500_000];
    const widths = taken.filter((width) => {
      try {
        return parseBandwidth(String(width), mode) === width;
      } catch (error) {
        expect(error).toMatchObject({ code: 'E_BANDWIDTH', hint: expect.stringContaining('Hz') });
        return false;
      }
    });
    expect(widths.length).toBeGreaterThan(1);
    expect(widths.length).toBeLessThan(taken.length);
    for (const bandwidthHz of widths) {
      const receiver = new Receiver({ ...given, bandwidthHz });
      const iq = Float32Array.from(
        { length: mode === 'cw' ? 800_000 : 200_000 },
        (_, n) => ((n * 7919) % 101) / 200 - 0.25,
      );
      const { audio } = receiver.process(iq);
      expect(audio.every(Number.isFinite)).toBe(true);
      expect(audio.some((x) => x !== 0)).toBe(true);
    }
  });
});
