/** What tuners and places do to a signal, and what the receiver makes of it. */
import { describe, expect, it } from 'vitest';
import { Random } from '../../../src/random.js';
import { IqBalance } from '../../../streams/radio/iq-balance.js';
import type { Mode } from '../../../streams/radio/modes.js';
import { Receiver } from '../../../streams/radio/receiver.js';
import type { ReceiverOptions } from '../../../streams/radio/receiver-options.js';
import { SpikeRemover } from '../../../streams/radio/spike-remover.js';

const RATE = 240_000;
const AUDIO_RATE = 48_000;
const TONE_HZ = 1_000;

type Iq = Float32Array;

/** A tone of 60 % that is keyed on and off twice a second, as words are; the carrier at `hz`. */
function transmission(mode: 'nbfm' | 'am', hz: number, seconds: number, level = 0.2): Iq {
  const iq = new Float32Array(2 * RATE * seconds);
  let phase = 0;
  for (let n = 0; n < iq.length / 2; n++) {
    const isOn = Math.floor((4 * n) / RATE) % 2 === 0;
    const audio = isOn ? 0.6 * Math.sin((2 * Math.PI * TONE_HZ * n) / RATE) : 0;
    phase += (2 * Math.PI * (hz + (mode === 'nbfm' ? 5_000 * audio : 0))) / RATE;
    const strength = level * (mode === 'am' ? 1 + audio : 1);
    iq[2 * n] = strength * Math.cos(phase);
    iq[2 * n + 1] = strength * Math.sin(phase);
  }
  return iq;
}

function withNoise(iq: Iq, deviation: number): Iq {
  const random = new Random(5);
  for (let n = 0; n < iq.length; n++) iq[n] += deviation * random.normal();
  return iq;
}

function receive(iq: Iq, mode: Mode, hz: number, options: Partial<ReceiverOptions> = {}): Float32Array {
  const receiver = new Receiver({ inputRate: RATE, centreHz: 0, tuneHz: hz, mode, ...options });
  return receiver.process(iq).audio.slice();
}

/** Tone over everything else in the last second, dB, while it is on. */
function toneRatio(audio: Float32Array): number {
  const part = audio.subarray(
    audio.length - AUDIO_RATE + AUDIO_RATE / 16,
    audio.length - (13 * AUDIO_RATE) / 16,
  );
  let re = 0;
  let im = 0;
  let power = 0;
  for (const [n, value] of part.entries()) {
    re += value * Math.cos((2 * Math.PI * TONE_HZ * n) / AUDIO_RATE);
    im += value * Math.sin((2 * Math.PI * TONE_HZ * n) / AUDIO_RATE);
    power += value * value;
  }
  const tone = (2 * (re * re + im * im)) / part.length;
  return 10 * Math.log10(tone / Math.max(power - tone, 1e-12));
}

function rmsDb(x: Float32Array): number {
  return 10 * Math.log10(x.reduce((sum, value) => sum + value * value, 0) / x.length);
}

describe('a DC spike as strong as the signal', () => {
  it.each([
    ['nbfm', 0],
    ['nbfm', 900],
    ['am', 150],
  ] as const)('is taken out of %s at %d Hz from the centre', (mode, hz) => {
    const iq = withNoise(transmission(mode, hz, 3), 0.002);
    for (let n = 0; n < iq.length; n += 2) {
      iq[n] += 0.16;
      iq[n + 1] -= 0.12;
    }
    const kept = toneRatio(receive(iq, mode, hz, { removeDc: false }));
    const removed = toneRatio(receive(iq, mode, hz));
    expect(kept).toBeLessThan(6);
    expect(removed).toBeGreaterThan(15);
  });

  it('is not seen where there is none: an unmodulated carrier in noise stays', () => {
    const remover = new SpikeRemover({ rate: 40_000, signal: 'fm' });
    const random = new Random(3);
    const i = Float32Array.from({ length: 80_000 }, () => 0.1 + 0.03 * random.normal());
    const q = Float32Array.from({ length: 80_000 }, () => 0.03 * random.normal());
    remover.process(i, q, 0, i.length);
    const mean = i.subarray(40_000).reduce((sum, value) => sum + value, 0) / 40_000;
    expect(mean).toBeCloseTo(0.1, 2);
  });
});

describe('unbalanced I and Q', () => {
  /** A station at −60 kHz, 20 dB over the wanted one at +60 kHz, through a tuner of 1 dB and 3°. */
  const received = (() => {
    const iq = withNoise(transmission('nbfm', 60_000, 3, 0.03), 1e-3);
    for (let n = 0; n < iq.length / 2; n++) {
      const angle = (-2 * Math.PI * 60_300 * n) / RATE + 2 * Math.sin((2 * Math.PI * 400 * n) / RATE);
      iq[2 * n] += 0.3 * Math.cos(angle);
      iq[2 * n + 1] += 0.3 * Math.sin(angle);
    }
    const angle = (3 * Math.PI) / 180;
    for (let n = 0; n < iq.length; n += 2)
      iq[n + 1] = 1.122 * (iq[n + 1] * Math.cos(angle) + iq[n] * Math.sin(angle));
    return iq;
  })();

  it('are balanced, so that the image goes', () => {
    const off = toneRatio(receive(received, 'nbfm', 60_000, { balanceIq: false }));
    const on = toneRatio(receive(received, 'nbfm', 60_000));
    expect(on).toBeGreaterThan(off + 6);
  });

  it('are not corrected by chance', () => {
    const balance = new IqBalance();
    const random = new Random(9);
    for (let call = 0; call < 1000; call++) {
      let [i, q, ii, qq, iq] = [0, 0, 0, 0, 0];
      for (let n = 0; n < 500; n++) {
        const [a, b] = [random.normal(), random.normal()];
        i += a;
        q += b;
        ii += a * a;
        qq += b * b;
        iq += a * b;
      }
      balance.update(500, i, q, ii, qq, iq);
    }
    expect(Math.abs(balance.ofQ - 1)).toBeLessThan(0.01);
    expect(Math.abs(balance.ofI)).toBeLessThan(0.01);
  });

  it('are left alone where the band itself is lopsided: AM on 0 Hz', () => {
    const balance = new IqBalance();
    const random = new Random(9);
    for (let call = 0; call < 200; call++) {
      const x = random.normal();
      balance.update(500, 500 * x, 400 * x, 500 * (x * x + 1), 320 * (x * x + 1), 400 * (x * x + 1));
    }
    expect([balance.ofQ, balance.ofI]).toEqual([1, 0]);
  });
});

describe('AM', () => {
  it('without a carrier comes softer than a voice does', () => {
    const noise = withNoise(new Float32Array(2 * RATE * 4), 0.02);
    const voice = receive(withNoise(transmission('am', 30_000, 4), 0.002), 'am', 30_000);
    const hiss = receive(noise, 'am', 30_000).subarray(AUDIO_RATE);
    expect(rmsDb(hiss)).toBeLessThan(rmsDb(voice.subarray(AUDIO_RATE)) - 6);
    expect(hiss.every((value) => Math.abs(value) < 1)).toBe(true);
  });

  it('that fades keeps its loudness while it stands out of the noise', () => {
    const iq = transmission('am', 30_000, 4);
    for (let n = 0; n < iq.length; n++) iq[n] *= n < iq.length / 2 ? 1 : 0.2;
    const audio = receive(withNoise(iq, 2e-4), 'am', 30_000);
    const [before, after] = [
      audio.subarray(AUDIO_RATE, 1.5 * AUDIO_RATE),
      audio.subarray(3 * AUDIO_RATE, 3.5 * AUDIO_RATE),
    ];
    expect(Math.abs(rmsDb(after) - rmsDb(before))).toBeLessThan(1);
  });
});

it.each(['am', 'sam'] as const)('a sibilant does not turn the voice of %s down', (mode) => {
  // 4.1 kHz lies where the noise is measured.
  const iq = new Float32Array(2 * RATE * 4);
  for (let n = 0; n < iq.length / 2; n++) {
    const hisses = Math.floor((2 * n) / RATE) % 2 === 1;
    const turn = (2 * Math.PI * n) / RATE;
    iq[2 * n] = 0.2 * (1 + 0.3 * Math.sin(1_000 * turn) + (hisses ? 0.3 * Math.sin(4_100 * turn) : 0));
  }
  const audio = receive(withNoise(iq, 0.002), mode, 0);
  const toneOf = (from: number) => {
    const part = audio.subarray(from * AUDIO_RATE, (from + 0.3) * AUDIO_RATE);
    let re = 0;
    let im = 0;
    for (const [n, value] of part.entries()) {
      re += value * Math.cos((2 * Math.PI * TONE_HZ * n) / AUDIO_RATE);
      im += value * Math.sin((2 * Math.PI * TONE_HZ * n) / AUDIO_RATE);
    }
    return 10 * Math.log10(re * re + im * im);
  };
  expect(Math.abs(toneOf(2.6) - toneOf(3.1))).toBeLessThan(0.3);
});
