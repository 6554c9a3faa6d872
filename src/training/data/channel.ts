import { meanPower, peak } from '../../audio/metrics/levels.js';
import type { Random } from '../../random.js';
import { quantiseMuLaw } from './level.js';
import type { RemixConfig } from './remix-config.js';
import { applyAgc } from './synthesis/agc.js';
import { applyCodec, losePackets } from './synthesis/codec.js';

const FULL_SCALE = 0.99;

/** What was drawn for the channel along with the mixture itself. */
export interface ChannelEffects {
  /** RMS of the mixture in dBFS, lowered where the peak would exceed full scale. */
  levelDb: number;
  /** Clips at this share of its peak. */
  clipAt?: number;
  /** G.711 µ-law at the end of a narrow band. */
  muLaw: boolean;
}

/**
 * What happens to a mixture on its way to the model, in place and in this order: automatic gain control and level, which
 * the target follows, then clipping, codecs and lost packets, which it does not.
 */
export function passChannel(
  noisy: Float32Array,
  clean: Float32Array,
  effects: ChannelEffects,
  sampleRate: number,
  config: RemixConfig,
  random: Random,
): void {
  const hasAgc = random.chance(config.agc);
  const isCoded = random.chance(config.codec);
  const losesPackets = random.chance(config.packetLoss);
  if (hasAgc) applyAgc(noisy, clean, sampleRate, random);
  setLevel(noisy, clean, effects.levelDb);
  if (effects.clipAt !== undefined) {
    const limit = effects.clipAt * peak(noisy);
    for (let i = 0; i < noisy.length; i++) noisy[i] = Math.max(-limit, Math.min(limit, noisy[i]));
  }
  if (effects.muLaw) quantiseMuLaw(noisy);
  if (isCoded) applyCodec(noisy, random);
  if (losesPackets) losePackets(noisy, sampleRate, random);
}

/** Scales both so that the mixture has an RMS of `levelDb`, or the highest below it that stays under full scale. */
function setLevel(noisy: Float32Array, clean: Float32Array, levelDb: number): void {
  const power = meanPower(noisy);
  if (power === 0) return;
  const wanted = 10 ** (levelDb / 20) / Math.sqrt(power);
  const gain = Math.min(wanted, FULL_SCALE / Math.max(peak(noisy), peak(clean)));
  for (let i = 0; i < noisy.length; i++) {
    noisy[i] *= gain;
    clean[i] *= gain;
  }
}
