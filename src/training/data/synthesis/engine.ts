import type { Random } from '../../../random.js';
import { drawWander } from './wander.js';
import { addTone, drawPeriod, harmonicsBelow } from './wavetable.js';

/** An engine, a propeller or a drone: harmonics of a firing rate that changes with the load, and noise in its rhythm. */
export function synthesiseEngine(out: Float32Array, sampleRate: number, random: Random): void {
  const seconds = out.length / sampleRate;
  const hertz = 18 * 18 ** random.next();
  const depth = random.uniform(0.02, 0.35);
  const load = drawWander(seconds, random.uniform(0.2, 1.5), random);
  const count = harmonicsBelow(sampleRate, 1.5 * hertz);
  const fall = random.uniform(0.3, 1.3);
  const amplitudes = Array.from({ length: count }, (_, k) => random.uniform(0.2, 1) * (k + 1) ** -fall);
  addTone(out, sampleRate, drawPeriod(amplitudes, random), (at) => hertz * (1 + depth * load(at)));
  // Exhaust and air: noise through a one-pole low-pass, louder while the tone is.
  const share = random.uniform(0, 1.5);
  const open = random.uniform(0.05, 0.6);
  let smooth = 0;
  for (let i = 0; i < out.length; i++) {
    smooth += open * (random.uniform(-1, 1) - smooth);
    out[i]! += share * smooth * (0.3 + Math.abs(out[i]!));
  }
}
