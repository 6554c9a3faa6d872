import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../src/errors.js';
import { toCu8 } from '../../../streams/radio/modulate/air.js';
import { Receiver } from '../../../streams/radio/receiver.js';
import type { ReceiverOptions } from '../../../streams/radio/receiver-options.js';
import { air, BASE, modulate, noise, peak, RATE, rms, tones } from './signals.js';

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
