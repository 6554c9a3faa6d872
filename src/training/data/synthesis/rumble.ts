import type { Random } from '../../../random.js';
import { addTone, drawPeriod } from './wavetable.js';

/**
 * What lies under many recordings, louder than all the rest of their noise: hum of the mains with up to three weak
 * harmonics, or noise below 25…150 Hz that falls by 12 dB an octave (traffic, handling, ventilation). `out` `[samples]`
 * holds zeros and is filled.
 */
export function synthesiseRumble(out: Float32Array, sampleRate: number, random: Random): void {
  if (random.chance(0.5)) {
    const hertz = random.chance(0.5) ? 50 : 60;
    const harmonics = Array.from({ length: random.integer(4) }, (_, k) => random.next() ** (k + 1));
    addTone(out, sampleRate, drawPeriod([1, ...harmonics], random), () => hertz);
    return;
  }
  const open = 1 - Math.exp((-2 * Math.PI * random.uniform(25, 150)) / sampleRate);
  let [first, second] = [0, 0];
  for (let i = 0; i < out.length; i++) {
    first += open * (random.uniform(-1, 1) / open - first);
    second += open * (first - second);
    out[i] = second;
  }
}
