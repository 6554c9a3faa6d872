import { describe, expect, it } from 'vitest';
import { type BandSiSdr, bandSiSdr } from '../../../scripts/radio/band-si-sdr.js';
import { throughAir, toCu8 } from '../../../streams/radio/modulate/air.js';
import { Receiver } from '../../../streams/radio/receiver.js';
import type { ReceiverOptions } from '../../../streams/radio/receiver-options.js';
import { AUDIO_RATE, CHANNEL_HZ, idealSnr, modulate, tones, type VoiceMode } from './signals.js';

interface Case {
  mode: VoiceMode;
  rate: number;
  offsetHz: number;
  cnrDb: number;
  seconds?: number;
}

/** Sends `tones` over the air and receives them; the first tenth of a second is left out of the comparison. */
function hear(
  { mode, rate, offsetHz, cnrDb, seconds = 0.9 }: Case,
  more: Partial<ReceiverOptions> = {},
): BandSiSdr & { receiver: Receiver } {
  const audio = tones(seconds);
  const channelHz = CHANNEL_HZ[mode];
  const iq = throughAir(modulate(mode, audio, rate), { rate, offsetHz, cnrDb, channelHz, seed: 3 });
  const receiver = new Receiver({
    inputRate: rate,
    centreHz: 145e6,
    tuneHz: 145e6 + offsetHz,
    mode,
    agc: mode === 'usb' || mode === 'lsb' ? 'off' : 'slow',
    ...more,
  });
  const heard = receiver.process(cnrDb === Number.POSITIVE_INFINITY ? iq : toCu8(iq)).audio;
  const from = AUDIO_RATE / 10;
  const score = bandSiSdr(heard.subarray(from), audio.subarray(from), { rate: AUDIO_RATE, maxLag: 2000 });
  return { ...score, receiver };
}

// Ratios at which FM is above its threshold and the noise, not the 8 bits, is the limit.
const CASES: Case[] = [
  { mode: 'wbfm', rate: 250_000, offsetHz: 0, cnrDb: 16 },
  { mode: 'wbfm', rate: 1_024_000, offsetHz: -300_000, cnrDb: 14, seconds: 0.5 },
  { mode: 'nbfm', rate: 250_000, offsetHz: 25_000, cnrDb: 16 },
  { mode: 'nbfm', rate: 280_000, offsetHz: -77_777, cnrDb: 14 },
  { mode: 'nbfm', rate: 1_024_000, offsetHz: 401_234, cnrDb: 20, seconds: 0.5 },
  { mode: 'am', rate: 250_000, offsetHz: -40_000, cnrDb: 20 },
  { mode: 'am', rate: 900_001, offsetHz: 12_345, cnrDb: 24, seconds: 0.5 },
  { mode: 'sam', rate: 250_000, offsetHz: 33_000, cnrDb: 10 },
  { mode: 'usb', rate: 250_000, offsetHz: 60_000, cnrDb: 12 },
  { mode: 'usb', rate: 280_000, offsetHz: -100_000, cnrDb: 6 },
  { mode: 'lsb', rate: 250_000, offsetHz: 60_000, cnrDb: 20 },
  { mode: 'lsb', rate: 1_024_000, offsetHz: 7_000, cnrDb: 12, seconds: 0.5 },
];

describe('a receiver', () => {
  it.each(CASES)('$mode at $rate S/s, $offsetHz Hz off, $cnrDb dB comes within 1 dB of the ideal', (test) => {
    const { db, lag, receiver } = hear(test);
    expect(db).toBeGreaterThan(idealSnr(test.mode, test.cnrDb) - 1);
    expect(db).toBeLessThan(idealSnr(test.mode, test.cnrDb) + 1);
    expect(Math.abs(lag - receiver.latencySamples)).toBeLessThan(0.1);
  });

  it.each([
    { mode: 'wbfm', atLeast: 55 },
    { mode: 'nbfm', atLeast: 50 },
    { mode: 'am', atLeast: 50 },
    { mode: 'sam', atLeast: 50 },
    { mode: 'usb', atLeast: 50 },
  ] as const)('adds little of its own to a $mode signal without noise: $atLeast dB', ({ mode, atLeast }) => {
    const { db } = hear({
      mode,
      rate: 250_000,
      offsetHz: 20_000,
      cnrDb: Number.POSITIVE_INFINITY,
      seconds: 0.6,
    });
    expect(db).toBeGreaterThan(atLeast);
  });

  it('hears the same at 16 kHz, the rate of the denoiser, with a delay of whole samples again', () => {
    const { receiver } = hear(
      { mode: 'nbfm', rate: 250_000, offsetHz: 25_000, cnrDb: 16 },
      { audioRate: 16_000 },
    );
    expect(receiver.latencySeconds * 16_000).toBeCloseTo(receiver.latencySamples, 9);
  });

  it('reports level and carrier-to-noise ratio within 2 dB: 40 ms of noise vary by so much', () => {
    for (const [mode, cnrDb] of [
      ['nbfm', 16],
      ['wbfm', 18],
      ['am', 20],
    ] as const) {
      const { receiver } = hear({ mode, rate: 250_000, offsetHz: 20_000, cnrDb, seconds: 0.6 });
      expect(Math.abs(receiver.status.snrDb - cnrDb), mode).toBeLessThan(2);
      expect(Math.abs(receiver.status.levelDb - 20 * Math.log10(0.2)), mode).toBeLessThan(1);
    }
  });
});
