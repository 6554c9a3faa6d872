import { meanPower } from '../../audio/metrics/levels.js';

/** Frames of 16 ms at 16 kHz; louder than the loudest frame − 30 dB counts as speech. */
const FRAME = 256;
const ACTIVE = 10 ** (-30 / 10);

/**
 * Mean square of speech while it sounds: over the frames of 256 samples within 30 dB of the loudest one, so that pauses
 * do not lower it. (ITU-T P.56 puts its threshold 15.9 dB under the active level, which itself lies some 10 dB under
 * the loudest frame.)
 */
export function activePower(samples: Float32Array): number {
  const powers = framePowers(samples);
  const threshold = ACTIVE * powers.reduce((a, b) => Math.max(a, b), 0);
  const active = powers.filter((power) => power > threshold);
  return active.length === 0 ? 0 : active.reduce((a, b) => a + b) / active.length;
}

/** Share of the frames of 256 samples that count as speech by the rule of {@link activePower}; 0 for silence. */
export function activeShare(samples: Float32Array): number {
  const powers = framePowers(samples);
  const threshold = ACTIVE * powers.reduce((a, b) => Math.max(a, b), 0);
  return powers.length === 0 ? 0 : powers.filter((power) => power > threshold).length / powers.length;
}

function framePowers(samples: Float32Array): number[] {
  const powers: number[] = [];
  for (let i = 0; i < samples.length; i += FRAME) powers.push(meanPower(samples.subarray(i, i + FRAME)));
  return powers;
}

/** Quantises in place like G.711 µ-law (µ = 255, 8 bits, continuous companding formula). */
export function quantiseMuLaw(samples: Float32Array): void {
  const steps = 127;
  const norm = Math.log(256);
  for (let i = 0; i < samples.length; i++) {
    const magnitude = Math.min(1, Math.abs(samples[i]));
    const code = Math.round((Math.log(1 + 255 * magnitude) / norm) * steps) / steps;
    samples[i] = (Math.sign(samples[i]) * (Math.exp(code * norm) - 1)) / 255;
  }
}
