import type { Random } from '../../../random.js';
import { Resonator } from './resonator.js';

/** Typing: each key is a burst of noise that rings in plastic and thuds on the desk; the release follows, softer. */
export function synthesiseKeyboard(out: Float32Array, sampleRate: number, random: Random): void {
  const strikes = new Float32Array(out.length);
  const burst = Math.max(1, Math.round(random.uniform(0.001, 0.006) * sampleRate));
  const strike = (at: number, gain: number) => {
    for (let i = 0; i < burst && at + i < strikes.length; i++)
      strikes[at + i]! += gain * (1 - i / burst) * random.uniform(-1, 1);
  };
  const perSecond = random.uniform(2, 9);
  const hold = random.uniform(0.05, 0.13);
  for (let at = random.next() / perSecond; at * sampleRate < out.length; ) {
    const gain = random.uniform(0.3, 1);
    strike(Math.floor(at * sampleRate), gain);
    strike(Math.floor((at + hold * random.uniform(0.7, 1.3)) * sampleRate), gain * random.uniform(0.15, 0.6));
    // Words and pauses to think between them.
    at += random.uniform(0.4, 1.6) / perSecond + (random.chance(0.12) ? random.uniform(0.2, 1) : 0);
  }
  const plastic = new Resonator(random.uniform(1500, 5500), random.uniform(0.003, 0.02), sampleRate);
  const desk = new Resonator(random.uniform(120, 450), random.uniform(0.02, 0.08), sampleRate);
  const thud = random.uniform(0.02, 0.3);
  for (let i = 0; i < out.length; i++) {
    const input = strikes[i]!;
    out[i]! += 0.5 * input + plastic.next(input) + thud * desk.next(input);
  }
}
