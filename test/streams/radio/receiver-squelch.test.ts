import { describe, expect, it } from 'vitest';
import { throughAir } from '../../../streams/radio/modulate/air.js';
import { modulateFm } from '../../../streams/radio/modulate/fm.js';
import { modulateSsb } from '../../../streams/radio/modulate/ssb.js';
import { Receiver } from '../../../streams/radio/receiver.js';
import { AUDIO_RATE, air, BASE, modulate, noise, peak, RATE, rms, tones } from './signals.js';

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
