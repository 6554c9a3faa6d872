import type { Random } from '../../../random.js';
import { drawWander } from './wander.js';

/** Wind at a microphone: noise below 60…600 Hz that swells in gusts, and opens towards high frequencies as it does. */
export function synthesiseWind(out: Float32Array, sampleRate: number, random: Random): void {
  const seconds = out.length / sampleRate;
  const gust = drawWander(seconds, random.uniform(0.5, 5), random);
  const corner = 60 * 10 ** random.next();
  const depth = random.uniform(6, 18);
  let [first, second] = [0, 0];
  let open = 0;
  let gain = 1;
  for (let i = 0; i < out.length; i++) {
    if (i % 64 === 0) {
      const strength = gust(i / sampleRate);
      open = 1 - Math.exp((-2 * Math.PI * corner * 2 ** strength) / sampleRate);
      gain = 10 ** ((depth * strength) / 20) / Math.sqrt(open);
    }
    first += open * (random.uniform(-1, 1) - first);
    second += open * (first - second);
    out[i]! += gain * second;
  }
}
