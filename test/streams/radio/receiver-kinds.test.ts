/** What the receiver tells of a signal beside its sound: keyed in levels, narrow, gone. */
import { describe, expect, it } from 'vitest';
import { Random } from '../../../src/random.js';
import { modulateFm } from '../../../streams/radio/modulate/fm.js';
import { Receiver } from '../../../streams/radio/receiver.js';
import { Squelch } from '../../../streams/radio/squelch.js';
import { AUDIO_RATE, air, BASE, modulate, noise, RATE, tones } from './signals.js';

/** Four levels, ±648 and ±1944 Hz, 4800 symbols a second, as DMR has them; between symbols half a cosine. */
function fourLevels(seconds: number): Float32Array {
  const random = new Random(9);
  const perSymbol = RATE / 4_800;
  const symbols = Array.from({ length: seconds * 4_800 + 2 }, () => 648 * (2 * random.integer(4) - 3));
  const iq = new Float32Array(2 * Math.round(seconds * RATE));
  let phase = 0;
  for (let n = 0; n < iq.length / 2; n++) {
    const at = Math.floor(n / perSymbol);
    const share = 0.5 - 0.5 * Math.cos(Math.PI * (n / perSymbol - at));
    phase += (2 * Math.PI * (symbols[at] + share * (symbols[at + 1] - symbols[at]))) / RATE;
    iq[2 * n] = Math.cos(phase);
    iq[2 * n + 1] = Math.sin(phase);
  }
  return iq;
}

describe('a digital signal', () => {
  it('is told, and when it has gone that is told', () => {
    const receiver = new Receiver({ ...BASE, squelch: { kind: 'noise' } });
    receiver.process(air(fourLevels(1.5), 20_000, 25));
    expect(receiver.status.isDigital).toBe(true);
    receiver.process(noise(0.5));
    expect(receiver.status.isDigital).toBe(false);
  });

  it.each([12, 16, 30])('is not seen in a voice at %d dB, nor in noise', (cnrDb) => {
    const receiver = new Receiver(BASE);
    receiver.process(air(modulate('nbfm', tones(1.5), RATE), 20_000, cnrDb));
    expect(receiver.status.isDigital).toBe(false);
    receiver.process(noise(1));
    expect(receiver.status.isDigital).toBe(false);
  });
});

it.each([
  [5_000, 3_000],
  [2_500, 1_500],
])('a station of %d Hz deviation is measured', (deviationHz, least) => {
  const iq = modulateFm(
    tones(2.5).map((x) => 1.5 * x),
    { audioRate: AUDIO_RATE, rate: RATE, deviationHz, audioHz: 3_500 },
  );
  const receiver = new Receiver(BASE);
  receiver.process(air(iq, 20_000, 30));
  expect(receiver.status.deviationHz).toBeGreaterThan(least);
  expect(receiver.status.deviationHz).toBeLessThan(1.05 * deviationHz);
});

describe('the squelch', () => {
  it.each([16, 25])('shuts within 35 ms after a signal of %d dB has gone', (cnrDb) => {
    const iq = air(modulate('nbfm', tones(0.5), RATE), 20_000, cnrDb);
    const after = noise(0.3).map((x) => x * 10 ** ((16 - cnrDb) / 20));
    const receiver = new Receiver({ ...BASE, squelch: { kind: 'noise' } });
    receiver.process(iq);
    expect(receiver.status.squelchOpen).toBe(true);
    const { stretches } = receiver.process(after);
    const open = stretches
      .filter(({ state }) => state.squelchOpen)
      .reduce((sum, { count }) => sum + count, 0);
    expect(open / AUDIO_RATE - receiver.latencySeconds).toBeLessThan(0.035);
  });

  it('does not chatter on a signal that wavers about its threshold', () => {
    const squelch = new Squelch({
      options: { kind: 'noise', thresholdDb: 8 },
      noiseThresholdDb: 6,
      frameRate: 100,
      hangSeconds: 0.05,
      shutsAtOnce: true,
    });
    let switched = 0;
    for (let n = 0; n < 2_000; n++) {
      const snrDb = 7 + 3 * Math.sin((2 * Math.PI * 2 * n) / 100);
      const was = squelch.open;
      squelch.decide({ snrDb, levelDb: -40, frameSnrDb: snrDb, frameLevelDb: -40 });
      if (squelch.open !== was) switched++;
    }
    expect(switched).toBeLessThan(8);
  });
});
