import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Random } from '../../../src/random.js';
import { Notches, type NotchesConfig } from '../../../streams/radio/notches.js';
import { rms } from './signals.js';

const RATE = 13_333;
const CONFIG: NotchesConfig = { rate: RATE, highestHz: 2_900, fixedHz: [], automatic: true };

const tone = (hz: number, level: number, seconds: number) =>
  Float32Array.from({ length: seconds * RATE }, (_, n) => level * Math.sin((2 * Math.PI * hz * n) / RATE));

/** Something like a voice: twenty harmonics of a pitch that glides, half of the time. */
function voice(seconds: number): Float32Array {
  const random = new Random(2);
  let phase = 0;
  let pitch = 120;
  return Float32Array.from({ length: seconds * RATE }, (_, n) => {
    if (n % Math.round(0.3 * RATE) === 0) pitch = random.uniform(95, 180);
    phase += (2 * Math.PI * (pitch + 12 * Math.sin((2 * Math.PI * 2.1 * n) / RATE))) / RATE;
    const isOn = Math.floor(n / RATE / 0.4) % 2 === 0;
    let sum = 0.001 * random.normal();
    if (isOn) for (let k = 2; k < 22; k++) sum += 0.03 * Math.cos(k * phase + k * k);
    return sum;
  });
}

const plus = (a: Float32Array, b: Float32Array) => a.map((x, n) => x + b[n]);
function through(x: Float32Array, config = CONFIG): { notches: Notches; y: Float32Array } {
  const notches = new Notches(config);
  const y = x.slice();
  notches.process(y, 0, y.length);
  return { notches, y };
}
const late = (x: Float32Array) => x.subarray(4 * RATE);

describe('the automatic notch', () => {
  it.each([400, 1_000.3, 2_345])('takes a whistle of %d Hz out of a voice', (hz) => {
    const speech = voice(7);
    const { notches, y } = through(plus(speech, tone(hz, 0.3, 7)));
    expect(notches.pitches).toHaveLength(1);
    expect(Math.abs(notches.pitches[0] - hz)).toBeLessThan(1);
    const error = late(y).map((value, n) => value - late(speech)[n]);
    expect(rms(error)).toBeLessThan(0.25 * rms(late(speech)));
  });

  it('leaves a voice alone', () => {
    const speech = voice(10);
    expect(through(speech).y).toEqual(speech);
  });

  it('leaves Morse code alone', () => {
    const dots = tone(700, 0.3, 8).map((x, n) => (Math.floor(n / RATE / 0.07) % 2 === 0 ? x : 0));
    const words = dots.map((x, n) => (Math.floor(n / RATE / 0.9) % 3 === 2 ? 0 : x));
    expect(rms(through(words).y)).toBeGreaterThan(0.95 * rms(words));
  });

  it('fills the notch again when the whistle has gone', () => {
    const { notches, y } = through(
      plus(
        voice(12),
        tone(1_000, 0.3, 12).map((x, n) => (n < 6 * RATE ? x : 0)),
      ),
    );
    expect(notches.pitches).toEqual([]);
    expect(y.every(Number.isFinite)).toBe(true);
  });

  it('does the same however the sound is split into calls', () => {
    const sound = plus(voice(4), tone(900, 0.3, 4));
    const { y } = through(sound);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 5_000 }), { minLength: 1, maxLength: 20 }), (sizes) => {
        const notches = new Notches(CONFIG);
        const z = sound.slice();
        for (let from = 0, k = 0; from < z.length; k++) {
          const n = Math.min(sizes[k % sizes.length], z.length - from);
          notches.process(z, from, n);
          from += n;
        }
        expect(z).toEqual(y);
      }),
      { numRuns: 10 },
    );
  });
});

it('a notch that is asked for takes its pitch out from the beginning', () => {
  const { notches, y } = through(tone(1_200, 0.5, 1), { ...CONFIG, automatic: false, fixedHz: [1_200] });
  expect(notches.pitches).toEqual([1_200]);
  expect(rms(y.subarray(RATE / 2))).toBeLessThan(0.001);
});
