import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Random } from '../../../src/random.js';
import { Agc, type AgcSpeed } from '../../../streams/radio/agc.js';
import { peak } from './signals.js';

const RATE = 16_000;

/** Hiss, and from `speechAt` on words of 0.4 s with pauses of 0.2 s on it; peaks of both, and seconds. */
function sound(hiss: number, speech: number, speechAt = 0.5, seconds = 2): Float32Array {
  const random = new Random(3);
  return Float32Array.from({ length: seconds * RATE }, (_, n) => {
    const t = n / RATE - speechAt;
    const word = t >= 0 && t % 0.6 < 0.4 ? speech * Math.sin(2 * Math.PI * 500 * t) : 0;
    return word + hiss * random.uniform(-1, 1);
  });
}

function through(speed: AgcSpeed, x: Float32Array): { agc: Agc; y: Float32Array } {
  const agc = new Agc({ speed, sampleRate: RATE });
  const y = x.slice();
  agc.process(y, 0, y.length);
  return { agc, y };
}

const part = (x: Float32Array, from: number, to: number): Float32Array => x.subarray(from * RATE, to * RATE);

describe('the slow gain control', () => {
  it.each([-3, -10, -20])('leaves speech with peaks of %d dBFS as it is, but for 6 dB', (db) => {
    const x = sound(1e-3, 10 ** (db / 20));
    const { y } = through('slow', x);
    for (let n = 0; n < x.length; n++) if (y[n] !== Math.fround(x[n] * 0.5)) expect(y[n]).toBe(x[n] * 0.5);
  });

  it.each([-35, -50, -70, -90])('lifts first speech with peaks of %d dBFS within its first word', (db) => {
    const level = 10 ** (db / 20);
    const { y } = through('slow', sound(level / 10, level));
    expect(peak(part(y, 0, 0.5))).toBeLessThan(0.01);
    const word = peak(part(y, 0.85, 0.9));
    expect(word).toBeGreaterThan(0.1);
    expect(word).toBeLessThan(0.2);
    expect(peak(part(y, 1.1, 1.5))).toBeCloseTo(word, 1);
  });

  it('takes hiss alone for no speech, and lifts it only after 3 s', () => {
    const { y } = through('slow', sound(1e-3, 0, 0, 5));
    expect(peak(part(y, 0, 3))).toBeLessThan(0.0006);
    expect(peak(part(y, 4.9, 5))).toBeGreaterThan(0.003);
  });

  it.each([0, 4, 12, 22])(
    'takes hiss that comes within %d ms, through filters that fill, for no speech',
    (ms) => {
      const x = sound(1e-3, 0, 0, 2);
      const silence = 0.03 * RATE;
      for (let n = 0; n < x.length; n++) {
        const share = (n - silence) / Math.max(1, (ms / 1000) * RATE);
        x[n] *= Math.max(0, Math.min(1, share));
      }
      expect(peak(through('slow', x).y)).toBeLessThan(0.0006);
    },
  );

  it('finds the first speech of another station, and keeps the gain till then', () => {
    const agc = new Agc({ speed: 'slow', sampleRate: RATE });
    const strong = sound(1e-3, 0.5);
    agc.process(strong, 0, strong.length);
    const gain = agc.gainDb;
    agc.restart();
    expect(agc.gainDb).toBe(gain);
    const weak = sound(1e-4, 1e-3);
    agc.process(weak, 0, weak.length);
    expect(agc.gainDb).toBeGreaterThan(gain + 30);
  });
});

describe.each(['slow', 'fast'] as const)('the %s gain control', (speed) => {
  it('gives the same however the sound is split', () => {
    const x = sound(1e-3, 0.01);
    const whole = through(speed, x).y;
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 5000 }), { minLength: 1 }), (sizes) => {
        const agc = new Agc({ speed, sampleRate: RATE });
        const y = x.slice();
        for (let at = 0, n = 0; at < y.length; n++) {
          const count = Math.min(sizes[n % sizes.length], y.length - at);
          agc.process(y, at, count);
          at += count;
        }
        expect(y).toEqual(whole);
      }),
      { numRuns: 10 },
    );
  });

  it('begins anew after a reset', () => {
    const { agc, y } = through(speed, sound(1e-3, 0.01));
    agc.reset();
    const again = sound(1e-3, 0.01);
    agc.process(again, 0, again.length);
    expect(again).toEqual(y);
  });

  it('never exceeds ±1', () => {
    expect(peak(through(speed, sound(1e-3, 4)).y)).toBeLessThanOrEqual(1);
  });
});
