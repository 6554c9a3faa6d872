import { describe, expect, it } from 'vitest';
import { throughAir } from '../../../streams/radio/modulate/air.js';
import { modulateFm } from '../../../streams/radio/modulate/fm.js';
import { modulateSsb } from '../../../streams/radio/modulate/ssb.js';
import { Receiver } from '../../../streams/radio/receiver.js';
import { AUDIO_RATE, air, BASE, gated, modulate, noise, peak, RATE, rms, tones } from './signals.js';

describe('squelch', () => {
  const signal = air(modulate('nbfm', tones(0.5), RATE), 20_000, 16);

  it.each([{ kind: 'noise' }, { kind: 'carrier', thresholdDb: -20 }] as const)(
    'by $kind is shut on noise, opens on a signal, and shuts again',
    (squelch) => {
      const receiver = new Receiver({ ...BASE, squelch });
      const hiss = receiver.process(noise(0.3));
      expect(rms(gated(hiss))).toBe(0);
      expect(rms(hiss.audio)).toBeGreaterThan(0.05);
      expect(receiver.status.squelchOpen).toBe(false);
      expect(rms(gated(receiver.process(signal)))).toBeGreaterThan(0.1);
      expect(receiver.status.squelchOpen).toBe(true);
      receiver.process(noise(0.3));
      expect(receiver.status.squelchOpen).toBe(false);
      expect(rms(gated(receiver.process(noise(0.1))))).toBe(0);
    },
  );

  it.each(['nbfm', 'wbfm', 'am', 'sam'] as const)(
    'in %s lets no noise out at a start or a retune',
    (mode) => {
      const receiver = new Receiver({ ...BASE, mode, squelch: { kind: 'noise' } });
      const hiss = noise(0.8);
      for (let from = 0; from < hiss.length; from += 5_000) {
        expect(peak(gated(receiver.process(hiss.subarray(from, from + 5_000))))).toBe(0);
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
    expect(rms(gated(receiver.process(iq.subarray(0, 0.48 * 2 * RATE))))).toBe(0);
    receiver.process(iq.subarray(0.48 * 2 * RATE));
    expect(receiver.status.squelchOpen).toBe(true);
  });
});

describe('the state of the squelch beside the audio', () => {
  const measured = (squelch?: { kind: 'noise' }) => {
    const receiver = new Receiver({ ...BASE, squelch });
    const { stretches } = receiver.process(air(modulate('nbfm', tones(0.3), RATE), 20_000, 16));
    return stretches.at(-1)!.state;
  };

  it('is measured with the squelch off, too, and then always open', () => {
    const { squelchOpen, snrDb, carrierDb } = measured();
    expect(squelchOpen).toBe(true);
    expect(Math.abs(snrDb! - 16)).toBeLessThan(2);
    expect(Math.abs(carrierDb! - 20 * Math.log10(0.2))).toBeLessThan(1);
    expect(measured({ kind: 'noise' })).toMatchObject({ snrDb, carrierDb });
  });

  it.each([0, 0.3, 0.6, 0.9])('comes in step with the audio, filters included (%d of a frame)', (share) => {
    const onset = Math.round((0.2 + 0.01 * share) * RATE);
    const iq = new Float32Array(0.4 * 2 * RATE);
    const tone = Float32Array.from({ length: AUDIO_RATE / 4 }, (_, n) => (n % 24 < 12 ? 0.9 : -0.9));
    const signal = air(modulate('nbfm', tone, RATE), 20_000, 60);
    iq.set(signal.subarray(0, iq.length - 2 * onset), 2 * onset);
    const squelch = { kind: 'carrier', thresholdDb: -40 } as const;
    const { audio, stretches } = new Receiver({ ...BASE, squelch }).process(iq);
    const heard = audio.findIndex((x) => Math.abs(x) > 0.2);
    expect(stretches.map(({ state }) => state.squelchOpen)).toEqual([false, true]);
    const lateMs = (1000 * (stretches[0].count - heard)) / AUDIO_RATE;
    expect(lateMs).toBeGreaterThan(-0.5);
    expect(lateMs).toBeLessThan(10.5);
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
