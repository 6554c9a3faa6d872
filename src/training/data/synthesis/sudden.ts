import type { Random } from '../../../random.js';

/**
 * Lets a noise begin suddenly, in place: silent (or 20…40 dB down) until it opens within 0.5…20 ms, once or again and
 * again, as a squelch, a door or a machine does. A model must not let half a second through until it has learnt it.
 */
export function openSuddenly(samples: Float32Array, sampleRate: number, random: Random): void {
  const closed = random.chance(0.6) ? 0 : 10 ** (random.uniform(-40, -20) / 20);
  const ramp = Math.max(1, Math.round(random.uniform(0.0005, 0.02) * sampleRate));
  const once = random.chance(0.6);
  let open = once ? false : random.chance(0.5);
  let until = once ? random.uniform(0.15, 0.85) * samples.length : random.uniform(0.1, 1.2) * sampleRate;
  let gain = open ? 1 : closed;
  for (let i = 0; i < samples.length; i++) {
    if (i >= until) {
      open = !open;
      until = once ? samples.length : i + random.uniform(0.1, 1.2) * sampleRate;
    }
    const wanted = open ? 1 : closed;
    const step = (1 - closed) / ramp;
    gain += Math.max(-step, Math.min(step, wanted - gain));
    samples[i]! *= gain;
  }
}
