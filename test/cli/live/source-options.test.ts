import { describe, expect, it } from 'vitest';
import type { LiveCommandOptions } from '../../../src/cli/live/command-options.js';
import { parseRaw, planRadio, sourceOptions } from '../../../src/cli/live/source-options.js';
import { parseHertz } from '../../../src/cli/text/hertz.js';
import { parseSinkSpec } from '../../../streams/sinks/open-sink.js';
import type { SourceSpec } from '../../../streams/sources/open-source.js';
import { coded } from '../support/coded.js';

const options = (extra: Partial<LiveCommandOptions> = {}): LiveCommandOptions => ({
  source: 'rtlsdr',
  out: [],
  device: 'auto',
  strength: 1,
  denoise: true,
  music: 'auto',
  blanker: true,
  dcRemoval: true,
  iqBalance: true,
  autoNotch: true,
  notch: [],
  ...extra,
});

const RADIO_KINDS: readonly SourceSpec['kind'][] = ['rtlsdr', 'rtl_tcp', 'iq'];
describe('options of denoise live', () => {
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
    // Where direct sampling or a tuner ends, the middle goes below.
    for (const freq of ['28.6M', '1765.9M']) {
      const high = options({ freq, mode: 'usb' });
      expect(sourceOptions(spec, high, planRadio(spec, high)).centreHz).toBeLessThan(parseHertz(freq, ''));
    }
    // 180 kHz beside the middle do not fit into 250.
    const tight = options({ freq: '100M', mode: 'wbfm', rate: '250k' });
    expect(sourceOptions(spec, tight, planRadio(spec, tight)).centreHz).toBe(100e6);
  });

  it.each([
    [{ freq: '100M', gain: 'much' }, 'E_GAIN'],
    [{ freq: '100M', gain: '400' }, 'E_GAIN'],
    [{ freq: '100M', gain: '-40' }, 'E_GAIN'],
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
