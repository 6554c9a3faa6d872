import type { Random } from '../../random.js';
import type { RemixConfig } from './remix-config.js';

/**
 * A synthetic room: direct sound at sample 0, then Gaussian noise that decays exponentially (J.-M. Polack 1988), 60 dB
 * in the reverberation time, duller as it decays. Written as what the target keeps and what it loses.
 *
 * @param early receives the response up to `earlySeconds`, faded out over 10 ms. @param late receives the rest
 * @param length samples of response to draw; both arrays must hold zeros
 */
export function drawRoom(
  early: Float32Array,
  late: Float32Array,
  length: number,
  sampleRate: number,
  config: RemixConfig,
  random: Random,
): void {
  const decaySeconds = random.uniform(...config.reverberationSeconds);
  const ratio = 10 ** (-random.uniform(...config.directToReverberantDb) / 20);
  const predelay = Math.round(random.uniform(0.001, 0.012) * sampleRate);
  // exp(−6.91 t / T60) is −60 dB at T60.
  const decay = Math.exp(-6.907755 / (decaySeconds * sampleRate));
  let envelope = 1;
  let energy = 0;
  let smooth = 0;
  for (let i = predelay; i < length; i++) {
    // Air and walls swallow high frequencies first: a one-pole low-pass that closes from 0.9 to 0.4 with the decay.
    smooth += (0.4 + 0.5 * envelope) * (random.normal() - smooth);
    late[i] = smooth * envelope;
    energy += late[i] * late[i];
    envelope *= decay;
  }
  const gain = energy > 0 ? ratio / Math.sqrt(energy) : 0;
  const keep = Math.round(config.earlySeconds * sampleRate);
  const fade = Math.max(1, Math.round(0.01 * sampleRate));
  for (let i = predelay; i < length; i++) {
    const value = late[i] * gain;
    const share = Math.max(0, Math.min(1, (keep - i) / fade + 1));
    early[i] = value * share;
    late[i] = value * (1 - share);
  }
  early[0] = 1;
}
