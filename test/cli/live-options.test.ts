import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatHertz, parseHertz } from '../../src/cli/hertz.js';
import {
  type LiveCommandOptions,
  parseBandwidth,
  parseMode,
  parseRaw,
  parseSquelch,
  planRadio,
  sourceOptions,
} from '../../src/cli/live-options.js';
import { parseSinkSpec } from '../../streams/open-sink.js';
import type { SourceSpec } from '../../streams/open-source.js';
import { MODES, soundRate } from '../../streams/radio/modes.js';
import { Receiver } from '../../streams/radio/receiver.js';

const options = (extra: Partial<LiveCommandOptions> = {}): LiveCommandOptions => ({
  source: 'rtlsdr',
  out: [],
  device: 'auto',
  strength: 1,
  denoise: true,
  musicGuard: true,
  ...extra,
});

const RADIO_KINDS: readonly SourceSpec['kind'][] = ['rtlsdr', 'rtl_tcp', 'iq'];
const coded = (code: string) => expect.objectContaining({ code, exitCode: 2, hint: expect.any(String) });

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

describe('options of denoise live', () => {
  it('reads modes, and guesses what a slip meant', () => {
    expect(parseMode('NBFM')).toBe('nbfm');
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

  it('reads formats of raw samples', () => {
    expect(parseRaw('f32:44.1k:2')).toEqual({ sampleFormat: 'f32', sampleRate: 44_100, channels: 2 });
    expect(parseRaw('s16:16000')).toMatchObject({ channels: 1 });
    for (const wrong of ['s16', 'mp3:44100:2', 's16:0:1', 's16:8000:0'])
      expect(() => parseRaw(wrong)).toThrow(expect.objectContaining({ exitCode: 2 }));
  });

  it('reads destinations', () => {
    expect(parseSinkSpec('speaker:hw:1,0')).toEqual({ kind: 'speaker', device: 'hw:1,0' });
    expect(parseSinkSpec('a b/Talk.WAV')).toEqual({ kind: 'wav', path: 'a b/Talk.WAV' });
    expect(parseSinkSpec('-')).toEqual({ kind: 'stdout' });
    expect(() => parseSinkSpec('talk.mp3')).toThrow(coded('E_SINK'));
  });

  it('wants a frequency for a radio, takes the middle of a recording, and refuses one for sound', () => {
    expect(() => planRadio({ kind: 'rtlsdr' }, options())).toThrow(coded('E_NO_FREQUENCY'));
    const middle = planRadio({ kind: 'iq', path: 'x' }, options());
    expect(middle).toEqual({ mode: 'nbfm', squelch: { kind: 'off' } });
    expect(planRadio({ kind: 'mic' }, options())).toBeUndefined();
    expect(() => planRadio({ kind: 'mic' }, options({ freq: '145M' }))).toThrow(coded('E_NO_RADIO'));
  });

  it.each<[SourceSpec, Partial<LiveCommandOptions>, string]>([
    [{ kind: 'iq', path: 'x' }, { gain: '20' }, 'E_NO_TUNER'],
    [{ kind: 'iq', path: 'x' }, { ppm: 0 }, 'E_NO_TUNER'],
    [{ kind: 'iq', path: 'x' }, { biasTee: true }, 'E_NO_TUNER'],
    [{ kind: 'iq', path: 'x' }, { directSampling: 'q' }, 'E_NO_TUNER'],
    [{ kind: 'iq', path: 'x' }, { raw: 's16:8000' }, 'E_NO_RAW'],
    [{ kind: 'rtlsdr' }, { centre: '100M' }, 'E_NO_RECORDING'],
    [{ kind: 'rtlsdr' }, { fast: true }, 'E_NO_RECORDING'],
    [{ kind: 'rtlsdr' }, { loop: true }, 'E_NO_RECORDING'],
    [{ kind: 'stdin' }, { loop: true }, 'E_NO_RECORDING'],
    [{ kind: 'file', path: 'x' }, { rate: '48k' }, 'E_NO_RADIO'],
    [{ kind: 'mic' }, { bandwidth: '3k' }, 'E_NO_RADIO'],
    [{ kind: 'mic' }, { agc: 'off' }, 'E_NO_RADIO'],
  ])('refuses for %j what does nothing there: %j', (spec, extra, code) => {
    expect(() => planRadio(spec, options({ freq: '100M', ...extra }))).toThrow();
    const bare = RADIO_KINDS.includes(spec.kind) ? { freq: '100M' } : {};
    expect(() => planRadio(spec, options({ ...bare, ...extra }))).toThrow(coded(code));
    expect(() => planRadio(spec, options(bare))).not.toThrow();
  });

  it('hands bandwidth, de-emphasis and gain control to the receiver', () => {
    const spec = { kind: 'rtlsdr' } as const;
    expect(
      planRadio(spec, options({ freq: '99.8M', mode: 'wbfm', deemphasis: '50', bandwidth: '150k' })),
    ).toMatchObject({ deemphasisUs: 50, bandwidthHz: 150_000 });
    expect(planRadio(spec, options({ freq: '99.8M', mode: 'wbfm', deemphasis: 'off' }))?.deemphasisUs).toBe(
      0,
    );
    expect(planRadio(spec, options({ freq: '7M', mode: 'lsb', agc: 'fast' }))?.agc).toBe('fast');
  });

  it.each(MODES)('receives %s in every width that it takes, and in no other', (mode) => {
    const given = {
      inputRate: 1_024_000,
      centreHz: 100e6,
      tuneHz: 100.2e6,
      mode,
      audioRate: soundRate(mode),
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

  it('tunes beside the station, so that the spike in the middle stays out of the channel and the channel in the band', () => {
    const spec = { kind: 'rtlsdr' } as const;
    for (const [mode, rate, width] of [
      ['nbfm', 1_024_000, 16_000],
      ['wbfm', 1_024_000, 180_000],
      ['usb', 250_000, 2_700],
    ] as const) {
      const given = options({ freq: '100M', mode, rate: String(rate) });
      const { centreHz, sampleRate } = sourceOptions(spec, given, planRadio(spec, given));
      expect(sampleRate).toBe(rate);
      expect(Math.abs(centreHz! - 100e6)).toBeGreaterThan(width / 2);
      expect(Math.abs(centreHz! - 100e6) + width / 2).toBeLessThan(rate / 2);
    }
    // 180 kHz beside the middle do not fit into 250.
    const tight = options({ freq: '100M', mode: 'wbfm', rate: '250k' });
    expect(sourceOptions(spec, tight, planRadio(spec, tight)).centreHz).toBe(100e6);
  });

  it.each([
    [{ freq: '100M', gain: 'much' }, 'E_GAIN'],
    [{ freq: '100M', directSampling: 'x' }, 'E_DIRECT_SAMPLING'],
    [{ freq: '100M', rate: 'fast' }, 'E_FREQUENCY'],
    [{ freq: '100M', rate: '0' }, 'E_RATE'],
    [{ freq: '100M', rate: '200M' }, 'E_RATE'],
    [{ freq: '100M', squelch: '1e9' }, 'E_SQUELCH'],
    [{ freq: '100M', mode: 'wbfm', deemphasis: 'constructor' }, 'E_DEEMPHASIS'],
    [{ freq: '100M', bandwidth: '100k' }, 'E_BANDWIDTH'],
    [{ freq: '100M', mode: 'cw', bandwidth: '5k' }, 'E_BANDWIDTH'],
    [{ freq: '100M', bandwidth: 'wide' }, 'E_FREQUENCY'],
    [{ freq: '100M', mode: 'wbfm', deemphasis: '60' }, 'E_DEEMPHASIS'],
    [{ freq: '100M', mode: 'am', deemphasis: '50' }, 'E_DEEMPHASIS'],
    [{ freq: '100M', mode: 'usb', agc: 'medium' }, 'E_AGC'],
    [{ freq: '100M', agc: 'fast' }, 'E_AGC'],
  ])('refuses %j', (extra, code) => {
    const given = options(extra);
    const spec = { kind: 'rtlsdr' } as const;
    expect(() => sourceOptions(spec, given, planRadio(spec, given))).toThrow(coded(code));
  });
});
