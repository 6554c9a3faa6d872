import { describe, expect, it } from 'vitest';
import type { AgcSpeed } from '../../../streams/radio/agc.js';
import { AmEnvelopeDemodulator } from '../../../streams/radio/demodulators/am-envelope.js';
import { AmSynchronousDemodulator } from '../../../streams/radio/demodulators/am-synchronous.js';
import { peak, rms } from './signals.js';

const RATE = 20_000;

/** Sound of a carrier of the given strength over time, s, modulated by a tone. */
function hear(
  Demodulator: typeof AmEnvelopeDemodulator | typeof AmSynchronousDemodulator,
  strength: (seconds: number) => number,
  { seconds = 2, depth = 0.6, toneHz = 1_000, agc = 'slow' as AgcSpeed } = {},
): Float32Array {
  const i = Float32Array.from({ length: seconds * RATE }, (_, n) => {
    const t = n / RATE;
    return strength(t) * (1 + depth * Math.sin(2 * Math.PI * toneHz * t));
  });
  const out = new Float32Array(i.length);
  new Demodulator({ rate: RATE, agc }).process(i, new Float32Array(i.length), 0, i.length, out);
  return out;
}

const part = (x: Float32Array, from: number, to: number) => x.subarray(from * RATE, to * RATE);
const mean = (x: Float32Array) => x.reduce((sum, value) => sum + value, 0) / x.length;

describe.each([
  ['am', AmEnvelopeDemodulator],
  ['sam', AmSynchronousDemodulator],
] as const)('the carrier of %s', (_mode, Demodulator) => {
  it.each([30, 1_000])(
    'leaves the sound as it is while it stays, also fully modulated by %d Hz',
    (toneHz) => {
      const sound = part(
        hear(Demodulator, () => 0.1, { toneHz, depth: 0.99 }),
        1,
        2,
      );
      expect(rms(sound)).toBeCloseTo(0.99 * Math.SQRT1_2, 2);
      expect(mean(sound)).toBeCloseTo(0, 2);
    },
  );

  it('may rise by 30 dB: the sound is hardly beyond full scale, and soon right', () => {
    const sound = hear(Demodulator, (t) => (t < 1 ? 0.01 : 0.3));
    expect(peak(part(sound, 1.005, 1.1))).toBeLessThan(1.3);
    expect(peak(part(sound, 1.1, 2))).toBeLessThan(1);
    expect(rms(part(sound, 1.3, 2))).toBeCloseTo(0.6 * Math.SQRT1_2, 1);
  });

  it('may fall by 40 dB: no direct current stays behind, and what is left does not flare up', () => {
    const sound = hear(Demodulator, (t) => (t < 1 ? 0.3 : 0.003));
    expect(Math.abs(mean(part(sound, 1.1, 1.5)))).toBeLessThan(0.02);
    expect(rms(part(sound, 1.1, 1.3))).toBeLessThan(0.1);
  });

  it('is followed through fading, by fast gain control more closely', () => {
    const fading = (t: number) => 0.1 * 10 ** (-0.5 + 0.5 * Math.cos(2 * Math.PI * t));
    const spread = (agc: AgcSpeed) => {
      const sound = hear(Demodulator, fading, { agc });
      const levels = Array.from({ length: 20 }, (_, n) => rms(part(sound, 1 + n / 20, 1.05 + n / 20)));
      return Math.max(...levels) / Math.min(...levels);
    };
    expect(spread('off')).toBeGreaterThan(6);
    expect(spread('slow')).toBeLessThan(5);
    expect(spread('fast')).toBeLessThan(0.7 * spread('slow'));
  });
});
