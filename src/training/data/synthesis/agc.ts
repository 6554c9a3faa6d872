import type { Random } from '../../../random.js';

/** The level is looked at this often, in samples. */
const BLOCK = 64;

/**
 * Automatic gain control, as telephones and recorders have it: a gain that follows the level of the mixture, quick down
 * and slow up, applied to mixture and target alike, in place. It lifts the noise in pauses by up to 12…30 dB.
 */
export function applyAgc(noisy: Float32Array, clean: Float32Array, sampleRate: number, random: Random): void {
  const most = 10 ** (random.uniform(12, 30) / 20);
  const seconds = (low: number, high: number) => low * (high / low) ** random.next();
  const coefficient = (time: number) => 1 - Math.exp(-BLOCK / (time * sampleRate));
  const attack = coefficient(seconds(0.005, 0.08));
  const release = coefficient(seconds(0.2, 3));
  let square = 0;
  for (const value of noisy) square += value * value;
  const target = Math.sqrt(square / noisy.length);
  if (target === 0) return;
  let level = target;
  let gain = 1;
  for (let start = 0; start < noisy.length; start += BLOCK) {
    const end = Math.min(start + BLOCK, noisy.length);
    let sum = 0;
    for (let i = start; i < end; i++) sum += noisy[i]! * noisy[i]!;
    const now = Math.sqrt(sum / (end - start));
    level += (now > level ? attack : release) * (now - level);
    const next = Math.min(most, target / Math.max(level, 1e-9));
    for (let i = start; i < end; i++) {
      const between = gain + ((next - gain) * (i - start)) / (end - start);
      noisy[i]! *= between;
      clean[i]! *= between;
    }
    gain = next;
  }
}
