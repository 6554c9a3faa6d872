import type { Random } from '../../../random.js';
import { Resonator } from './resonator.js';

/** Rain, a shower, a fountain, frying: many short drops of random weight over a hiss. */
export function synthesiseRain(out: Float32Array, sampleRate: number, random: Random): void {
  const chance = (30 * 100 ** random.next()) / sampleRate;
  const hiss = random.uniform(0.005, 0.06);
  const [low, high] = [random.uniform(600, 2500), random.uniform(2500, 7000)];
  const surfaces = [
    new Resonator(low, random.uniform(0.004, 0.02), sampleRate),
    new Resonator(high, random.uniform(0.002, 0.008), sampleRate),
  ];
  let before = 0;
  for (let i = 0; i < out.length; i++) {
    const dropped = random.next() < chance ? random.uniform(-1, 1) ** 3 : 0;
    const air = random.uniform(-1, 1);
    out[i]! += hiss * (air - 0.7 * before);
    before = air;
    // A drop falls on one of two surfaces, by its sign.
    out[i]! += surfaces[0]!.next(Math.max(0, dropped)) + surfaces[1]!.next(Math.min(0, dropped));
  }
}
