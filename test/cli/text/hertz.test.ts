import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatHertz, parseHertz } from '../../../src/cli/text/hertz.js';
import { coded } from '../support/coded.js';

describe('frequencies', () => {
  it.each([
    ['145500000', 145_500_000],
    ['145.5M', 145_500_000],
    ['145.5 MHz', 145_500_000],
    ['7100k', 7_100_000],
    ['1.2g', 1_200_000_000],
    ['250e3', 250_000],
    ['.5M', 500_000],
    ['0', 0],
  ])('reads %s', (text, hertz) => expect(parseHertz(text, '--freq')).toBe(hertz));

  it.each(['', 'high', '145,5M', '-1', '1.2.3', '5T', 'M', '1e', 'Infinity', '0x10'])(
    'refuses "%s"',
    (text) => {
      expect(() => parseHertz(text, '--freq')).toThrow(coded('E_FREQUENCY'));
    },
  );

  it('reads to the hertz what is written in megahertz, and refuses all else with an error of its own', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2_000_000_000 }), (hertz) => {
        expect(parseHertz(`${hertz / 1e6}M`, '--freq')).toBe(hertz);
      }),
    );
    fc.assert(
      fc.property(fc.string(), (text) => {
        try {
          expect(parseHertz(text, '--freq')).toBeGreaterThanOrEqual(0);
        } catch (error) {
          expect(error).toMatchObject({ code: 'E_FREQUENCY' });
        }
      }),
    );
  });

  it('writes them in groups', () => {
    expect(formatHertz(145_500_000)).toBe('145.500 000 MHz');
    expect(formatHertz(198_000)).toBe('198.000 kHz');
  });
});
