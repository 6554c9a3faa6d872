import { describe, expect, it } from 'vitest';
import type { SquelchCode } from '../../../streams/radio/code-squelch.js';
import { dcsWord } from '../../../streams/radio/dcs.js';
import { modulateFm } from '../../../streams/radio/modulate/fm.js';
import { Receiver } from '../../../streams/radio/receiver.js';
import { AUDIO_RATE, air, BASE, RATE, tones } from './signals.js';

const FM = { audioRate: AUDIO_RATE, rate: RATE, deviationHz: 5_000, audioHz: 3_500 };

/** A voice-like sound with the word of a code under it, from the `from`-th bit on. */
function withDcs(code: number, seconds: number, from = 5): Float32Array {
  const word = dcsWord(code);
  return tones(seconds).map((x, n) => {
    const bit = (from + Math.floor((n / AUDIO_RATE) * 134.4)) % 23;
    return x + 0.12 * ((word >> bit) & 1 ? 1 : -1);
  });
}

function opens(iq: Float32Array, squelchCode: SquelchCode, cnrDb = 16): boolean {
  const receiver = new Receiver({ ...BASE, squelch: { kind: 'noise' }, squelchCode });
  receiver.process(air(iq, 20_000, cnrDb));
  return receiver.status.squelchOpen;
}

describe('a squelch by CTCSS', () => {
  const iq = (ctcssHz?: number) => modulateFm(tones(0.6), { ...FM, ctcssHz });

  it.each([67, 88.5, 254.1])('opens on %d Hz within 0.6 s', (hz) => {
    expect(opens(iq(hz), { kind: 'ctcss', hz })).toBe(true);
  });

  it.each([69.3, 64.5, undefined])('stays shut on %s instead of 67 Hz', (hz) => {
    expect(opens(iq(hz), { kind: 'ctcss', hz: 67 })).toBe(false);
  });
});

describe('a squelch by DCS', () => {
  it('knows the words of the standard', () => {
    expect([0o023, 0o025, 0o026].map(dcsWord)).toEqual([0x763813, 0x6b7815, 0x65d816]);
  });

  it.each([0o023, 0o432, 0o754])('opens on code %d within 0.7 s', (code) => {
    const iq = modulateFm(withDcs(code, 0.7), FM);
    expect(opens(iq, { kind: 'dcs', code, inverted: false })).toBe(true);
    expect(opens(iq, { kind: 'dcs', code, inverted: true })).toBe(false);
  });

  it('stays shut on another code and without one', () => {
    const wanted: SquelchCode = { kind: 'dcs', code: 0o023, inverted: false };
    expect(opens(modulateFm(withDcs(0o025, 0.7), FM), wanted)).toBe(false);
    expect(opens(modulateFm(tones(0.7), FM), wanted)).toBe(false);
  });
});
