import type { Random } from '../../../random.js';
import { drawWander } from './wander.js';
import { addTone, drawPeriod, harmonicsBelow } from './wavetable.js';

/** Mains of 50 or 60 Hz, or a machine that turns anywhere from 25 to 400 Hz, with harmonics; the pitch may drift. */
export function synthesiseHum(out: Float32Array, sampleRate: number, random: Random): void {
  const hertz = random.chance(0.5) ? (random.chance(0.5) ? 50 : 60) : 25 * 16 ** random.next();
  const drift = random.chance(0.5) ? 0 : random.uniform(0.002, 0.08);
  const count = 1 + random.integer(harmonicsBelow(sampleRate, hertz * (1 + drift)));
  const fall = random.uniform(0, 1.5);
  const amplitudes = Array.from({ length: count }, (_, k) => random.next() * (k + 1) ** -fall);
  const seconds = out.length / sampleRate;
  const pitch = drawWander(seconds, random.uniform(0.3, 3), random);
  const depth = random.uniform(0, 0.4);
  const swell = drawWander(seconds, random.uniform(0.5, 6), random);
  addTone(
    out,
    sampleRate,
    drawPeriod(amplitudes, random),
    (at) => hertz * (1 + drift * pitch(at)),
    (at) => 1 + depth * swell(at),
  );
}
