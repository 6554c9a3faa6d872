import type { Random } from '../../../random.js';

/**
 * A microphone's response as gains per bin: a low cut at 30…250 Hz of 6…18 dB an octave, a presence peak or dip, and a
 * fall above 3…8 kHz in one of two. Speech, noise and target all pass it.
 *
 * @param gains `[bins]`, overwritten
 */
export function drawMicrophone(gains: Float32Array, sampleRate: number, random: Random): void {
  const perBin = sampleRate / 2 / (gains.length - 1);
  const corner = random.uniform(30, 250);
  const order = 1 + random.integer(3);
  const presence = random.uniform(-5, 8);
  const centre = 1000 * 6 ** random.next();
  const width = random.uniform(0.3, 1.2);
  const roof = random.chance(0.5) ? random.uniform(3000, 8000) : Number.POSITIVE_INFINITY;
  // Octaves from the centre, every 16th bin: the curve is smooth, the exponential costs.
  const STEP = 16;
  const at = (k: number) => {
    const hertz = Math.max(1, k * perBin);
    const low = 1 / Math.sqrt(1 + (corner / hertz) ** (2 * order));
    const high = 1 / Math.sqrt(1 + (hertz / roof) ** 4);
    const octaves = Math.log2(hertz / centre) / width;
    return low * high * 10 ** ((presence * Math.exp(-octaves * octaves)) / 20);
  };
  let left = at(0);
  for (let first = 0; first < gains.length; first += STEP) {
    const right = at(first + STEP);
    const end = Math.min(first + STEP, gains.length);
    for (let k = first; k < end; k++) gains[k] = left + ((right - left) * (k - first)) / STEP;
    left = right;
  }
}
