import type { Random } from '../../../random.js';
import { addTone, drawPeriod, harmonicsBelow } from './wavetable.js';

/** Sirens that wail, sirens of two tones, and beeps: a few harmonics whose pitch follows a pattern. */
export function synthesiseSiren(out: Float32Array, sampleRate: number, random: Random): void {
  const low = random.uniform(350, 1200);
  const high = low * random.uniform(1.2, 2.5);
  const count = harmonicsBelow(sampleRate, high, 6);
  const amplitudes = Array.from({ length: count }, (_, k) => (k === 0 ? 1 : random.uniform(0, 1) / (k + 1)));
  const start = random.next();
  const kind = random.integer(3);
  const rate = [random.uniform(0.1, 4), random.uniform(0.4, 1.5), random.uniform(0.8, 5)][kind]!;
  const sounding = random.uniform(0.2, 0.7);
  const phase = (at: number) => (start + at * rate) % 1;
  const wail = (at: number) => low + (high - low) * (0.5 - 0.5 * Math.cos(2 * Math.PI * phase(at)));
  const pitch = [wail, (at: number) => (phase(at) < 0.5 ? low : high), () => high][kind]!;
  const gain = kind === 2 ? (at: number) => (phase(at) < sounding ? 1 : 0) : () => 1;
  addTone(out, sampleRate, drawPeriod(amplitudes, random), pitch, gain);
}
