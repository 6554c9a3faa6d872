import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../src/errors.js';
import { throughAir, toCu8 } from '../../../streams/radio/modulate/air.js';
import { modulateFm } from '../../../streams/radio/modulate/fm.js';
import { modulateSsb } from '../../../streams/radio/modulate/ssb.js';
import { Receiver } from '../../../streams/radio/receiver.js';
import type { ReceiverOptions } from '../../../streams/radio/receiver-options.js';
import { AUDIO_RATE, modulate, tones } from './signals.js';

const RATE = 250_000;
const BASE: ReceiverOptions = { inputRate: RATE, centreHz: 145e6, tuneHz: 145.02e6, mode: 'nbfm' };

function air(iq: Float32Array, offsetHz: number, cnrDb: number, level = 0.2): Float32Array {
  return throughAir(iq, { rate: RATE, offsetHz, cnrDb, channelHz: 16_000, level, seed: 5 });
}

const rms = (x: Float32Array) => Math.sqrt(x.reduce((sum, v) => sum + v * v, 0) / x.length);
const peak = (x: Float32Array) => x.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
/** Noise alone, as strong as a 16 dB signal's. */
const noise = (seconds: number) =>
  air(new Float32Array(2 * Math.round(seconds * RATE)).fill(1e-9), 0, -90, 0.2 * 10 ** (-106 / 20));

describe('automatic frequency correction', () => {
  it.each(['nbfm', 'am', 'sam'] as const)('brings a mistuned %s carrier to the middle', (mode) => {
    const off = mode === 'nbfm' ? 1_800 : -900;
    const iq = air(modulate(mode, tones(1.5), RATE), 20_000 + off, 24);
    const receiver = new Receiver({ ...BASE, mode });
    receiver.process(iq);
    expect(Math.abs(receiver.status.afcHz - off)).toBeLessThan(mode === 'nbfm' ? 200 : 130);
    expect(receiver.status.frequencyHz).toBe(145.02e6);
    const fixed = new Receiver({ ...BASE, mode, afc: false });
    fixed.process(iq);
    expect(fixed.status.afcHz).toBe(0);
  });

  it('learns nothing from noise', () => {
    const receiver = new Receiver(BASE);
    receiver.process(noise(1));
    expect(receiver.status.afcHz).toBe(0);
  });
});

describe('broken samples', () => {
  it.each(['nbfm', 'wbfm', 'am', 'sam', 'usb', 'cw'] as const)(
    'in %s leave no trace in the sound half a second later',
    (mode) => {
      const iq = air(modulate(mode === 'cw' ? 'usb' : mode, tones(1), RATE), 10_000, 30);
      const receiver = new Receiver({ ...BASE, mode, tuneHz: 145.01e6 });
      const clean = receiver.process(iq).audio.slice(36_000);
      for (const value of [Number.NaN, Number.POSITIVE_INFINITY, -3e38]) {
        const broken = iq.slice();
        broken.fill(value, RATE / 2, RATE / 2 + 7);
        const heard = receiver.clone().process(broken).audio.subarray(36_000);
        expect(heard.every(Number.isFinite)).toBe(true);
        // The gain control may have turned it down, as at any click.
        const gain = rms(clean) / rms(heard);
        expect(gain).toBeLessThan(1.3);
        expect(rms(heard.map((x, n) => gain * x - clean[n]))).toBeLessThan(0.1 * rms(clean));
      }
    },
  );
});

describe('a radio that gives zeros', () => {
  it.each(['nbfm', 'am', 'sam', 'usb'] as const)('in %s has no signal, and opens no squelch', (mode) => {
    const receiver = new Receiver({ ...BASE, mode, squelch: { kind: 'noise' } });
    receiver.process(new Int16Array(RATE));
    expect(receiver.status.squelchOpen).toBe(false);
    expect(receiver.status.snrDb).toBeLessThan(0);
  });
});

describe('squelch', () => {
  const signal = air(modulate('nbfm', tones(0.5), RATE), 20_000, 16);

  it.each([{ kind: 'noise' }, { kind: 'carrier', thresholdDb: -20 }] as const)(
    'by $kind is shut on noise, opens on a signal, and shuts again',
    (squelch) => {
      const receiver = new Receiver({ ...BASE, squelch });
      expect(rms(receiver.process(noise(0.3)).audio)).toBe(0);
      expect(receiver.status.squelchOpen).toBe(false);
      expect(rms(receiver.process(signal).audio)).toBeGreaterThan(0.1);
      expect(receiver.status.squelchOpen).toBe(true);
      receiver.process(noise(0.3));
      expect(receiver.status.squelchOpen).toBe(false);
      expect(rms(receiver.process(noise(0.1)).audio)).toBe(0);
    },
  );

  it.each(['nbfm', 'wbfm', 'am', 'sam'] as const)(
    'in %s lets no noise out at a start or a retune',
    (mode) => {
      const receiver = new Receiver({ ...BASE, mode, squelch: { kind: 'noise' } });
      const hiss = noise(0.8);
      for (let from = 0; from < hiss.length; from += 5_000) {
        expect(peak(receiver.process(hiss.subarray(from, from + 5_000)).audio)).toBe(0);
        if (from === hiss.length / 2) receiver.retune(144.98e6);
      }
    },
  );

  it('opens at once when a muted radio comes back', () => {
    const receiver = new Receiver({ ...BASE, squelch: { kind: 'noise' } });
    receiver.process(new Uint8Array(RATE).fill(127));
    receiver.process(signal.subarray(0, RATE / 5));
    expect(receiver.status.squelchOpen).toBe(true);
  });

  it.each(['am', 'sam'] as const)('in %s is shut within 0.5 s after a strong carrier has gone', (mode) => {
    const iq = air(modulate('am', tones(1.5), RATE), 20_000, 30);
    iq.set(
      noise(0.5).map((x) => (x * 0.05) / 0.2),
      RATE * 2,
    );
    const receiver = new Receiver({ ...BASE, mode, squelch: { kind: 'noise' } });
    receiver.process(iq.subarray(0, RATE * 2));
    expect(receiver.status.squelchOpen).toBe(true);
    receiver.process(iq.subarray(RATE * 2));
    expect(receiver.status.squelchOpen).toBe(false);
  });

  it('by carrier stays shut below its threshold, by noise opens on a weak but clear signal', () => {
    const weak = air(modulate('nbfm', tones(0.4), RATE), 20_000, 16, 0.01);
    const byCarrier = new Receiver({ ...BASE, squelch: { kind: 'carrier', thresholdDb: -20 } });
    byCarrier.process(weak);
    expect(byCarrier.status.squelchOpen).toBe(false);
    const byNoise = new Receiver({ ...BASE, squelch: { kind: 'noise' } });
    byNoise.process(weak);
    expect(byNoise.status.squelchOpen).toBe(true);
  });

  it('opens on a voice in side-band, where there is no carrier', () => {
    const voice = new Float32Array(AUDIO_RATE);
    voice.set(tones(0.5), AUDIO_RATE / 2);
    const iq = throughAir(modulateSsb(voice, { audioRate: AUDIO_RATE, rate: RATE, sideband: 'usb' }), {
      rate: RATE,
      offsetHz: 20_000,
      cnrDb: 12,
      channelHz: 2_700,
      seed: 1,
    });
    const receiver = new Receiver({ ...BASE, mode: 'usb', squelch: { kind: 'noise' } });
    expect(rms(receiver.process(iq.subarray(0, 0.48 * 2 * RATE)).audio)).toBe(0);
    receiver.process(iq.subarray(0.48 * 2 * RATE));
    expect(receiver.status.squelchOpen).toBe(true);
  });
});

describe('CTCSS', () => {
  it.each([67.0, 88.5, 165.5, 167.9, 254.1])('reports %d Hz under speech', (ctcssHz) => {
    const iq = modulateFm(tones(1.2), {
      audioRate: AUDIO_RATE,
      rate: RATE,
      deviationHz: 5_000,
      audioHz: 3_500,
      ctcssHz,
    });
    const receiver = new Receiver(BASE);
    receiver.process(air(iq, 20_000, 14));
    expect(receiver.status.ctcssHz).toBe(ctcssHz);
  });

  it('reports none where there is none, be it speech or noise', () => {
    const receiver = new Receiver(BASE);
    receiver.process(air(modulate('nbfm', tones(1.2), RATE), 20_000, 14));
    expect(receiver.status.ctcssHz).toBeUndefined();
    receiver.reset();
    receiver.process(noise(1.2));
    expect(receiver.status.ctcssHz).toBeUndefined();
  });
});

describe('retuning', () => {
  const two = air(modulate('nbfm', tones(0.4, 1), RATE), 20_000, 40);
  const other = air(modulate('nbfm', tones(0.4, 2), RATE), -50_000, 40);
  for (let n = 0; n < two.length; n++) two[n] += other[n];

  it('goes to another station without a transient', () => {
    const receiver = new Receiver(BASE);
    const before = peak(receiver.process(two.subarray(0, two.length / 2)).audio.subarray(2_000));
    expect(receiver.retune(144.95e6)).toBe(144.95e6);
    const after = receiver.process(two.subarray(two.length / 2)).audio;
    expect(peak(after)).toBeLessThan(1.5 * before);
    expect(rms(after.subarray(2_000))).toBeGreaterThan(0.1);
  });

  it('refuses what lies outside the received band and stays where it was', () => {
    const receiver = new Receiver(BASE);
    expect(() => receiver.retune(146e6)).toThrow(UsageError);
    expect(receiver.status.frequencyHz).toBe(145.02e6);
  });

  it('changes the mode with its defaults, and keeps frequency and audio rate', () => {
    const receiver = new Receiver({ ...BASE, audioRate: 16_000 });
    receiver.process(two.subarray(0, 50_000));
    receiver.setMode('usb');
    expect(receiver.options).toMatchObject({
      mode: 'usb',
      bandwidthHz: 2_700,
      tuneHz: 145.02e6,
      audioRate: 16_000,
    });
    expect(receiver.process(two.subarray(0, 50_000)).audio.length).toBeGreaterThan(1_500);
  });
});

describe('slow gain control', () => {
  it('leaves side-band speech that fills the converter as it is', () => {
    const iq = air(modulate('usb', tones(1), RATE), 20_000, 40, 0.4);
    const off = new Receiver({ ...BASE, mode: 'usb', agc: 'off' }).process(iq).audio;
    const slow = new Receiver({ ...BASE, mode: 'usb', agc: 'slow' }).process(iq).audio;
    expect(peak(off)).toBeGreaterThan(1);
    expect(rms(slow.map((x, n) => x - off[n] / 2))).toBeLessThan(1e-6);
  });
});

describe('the mean of the input', () => {
  it('is left alone where it is the carrier listened to, also after tuning there', () => {
    const iq = air(modulate('am', tones(2), RATE), 0, 40);
    const there = new Receiver({ ...BASE, mode: 'am', tuneHz: 145e6 });
    const later = new Receiver({ ...BASE, mode: 'am', tuneHz: 145.05e6 });
    later.process(iq.subarray(0, RATE));
    later.retune(145e6);
    expect(later.options.removeDc).toBe(false);
    const heard = later.process(iq.subarray(RATE)).audio.slice(-24_000);
    expect(rms(heard)).toBeCloseTo(rms(there.process(iq).audio.subarray(-24_000)), 2);
    expect(later.clone().retune(145.05e6)).toBe(145.05e6);
  });

  it('is removed after tuning away from it, but not where it was asked to stay', () => {
    const receiver = new Receiver({ ...BASE, tuneHz: 145e6 });
    receiver.retune(145.05e6);
    expect(receiver.options.removeDc).toBe(true);
    const asked = new Receiver({ ...BASE, tuneHz: 145e6, removeDc: false });
    asked.retune(145.05e6);
    asked.setMode('am');
    expect(asked.options.removeDc).toBe(false);
    expect(asked.clone().options.removeDc).toBe(false);
  });
});

describe('the options', () => {
  it.each([
    { mode: 'fm' },
    { inputRate: 0 },
    { inputRate: Number.NaN },
    { inputRate: 250_000.5 },
    { tuneHz: 150e6 },
    { tuneHz: Number.NaN },
    { audioRate: 1 },
    { bandwidthHz: 1e6 },
    { deemphasisUs: -1 },
  ])('%j are refused with a plain error', (wrong) => {
    expect(() => new Receiver({ ...BASE, ...(wrong as Partial<ReceiverOptions>) })).toThrow(UsageError);
  });
});

describe('the start', () => {
  it.each(['wbfm', 'nbfm', 'am', 'sam', 'usb', 'lsb', 'cw'] as const)('of %s has no transient', (mode) => {
    const voice = mode === 'cw' ? 'usb' : mode;
    const iq = toCu8(air(modulate(voice, tones(0.6), RATE), 20_000, 40));
    const receiver = new Receiver({ ...BASE, mode });
    const audio = receiver.process(iq).audio;
    expect(peak(audio.subarray(0, 4_800))).toBeLessThan(1.6 * peak(audio.subarray(9_600)));
  });
});
