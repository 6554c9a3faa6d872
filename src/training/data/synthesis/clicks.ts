import type { Random } from '../../../random.js';
import { Resonator } from './resonator.js';

/** Clicks, crackle, a clock: short strikes of very different strength, at random or in a beat. */
export function synthesiseClicks(out: Float32Array, sampleRate: number, random: Random): void {
  const perSecond = 0.7 * 60 ** random.next();
  const regular = random.chance(0.3);
  const body = new Resonator(300 * 20 ** random.next(), 10 ** random.uniform(-3.3, -1.5), sampleRate);
  const spread = regular ? random.uniform(0, 0.2) : 1;
  let next = random.next() * (sampleRate / perSecond);
  for (let i = 0; i < out.length; i++) {
    let strike = 0;
    if (i >= next) {
      strike = (random.chance(0.5) ? 1 : -1) * 10 ** (-spread * random.next());
      const gap = regular ? 1 + 0.02 * random.normal() : -Math.log(1 - random.next());
      next = i + Math.max(1, (gap * sampleRate) / perSecond);
    }
    out[i]! += body.next(strike);
  }
}
