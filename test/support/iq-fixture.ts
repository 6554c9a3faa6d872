import { throughAir, toCu8 } from '../../streams/radio/modulate/air.js';
import { modulateAm } from '../../streams/radio/modulate/am.js';
import { modulateFm } from '../../streams/radio/modulate/fm.js';

/** Where {@link transmission} is found. */
export const TRANSMISSION = { rate: 250_000, centreHz: 100_000_000, tuneHz: 100_025_000 } as const;

/**
 * What a dongle at 100 MHz, 250 kS/s would give of a narrow-band FM station at 100.025 MHz that sends `sound` (16 kHz),
 * and of an AM one at 99.95 MHz with the same sound: cu8.
 */
export function transmission(sound: Float32Array, cnrDb = 30): Uint8Array {
  const { rate } = TRANSMISSION;
  const fm = throughAir(modulateFm(sound, { audioRate: 16_000, rate, deviationHz: 5_000, audioHz: 3_000 }), {
    rate,
    offsetHz: 25_000,
    cnrDb,
    channelHz: 16_000,
    seed: 1,
  });
  const am = throughAir(modulateAm(sound, { audioRate: 16_000, rate }), {
    rate,
    offsetHz: -50_000,
    cnrDb: Number.POSITIVE_INFINITY,
    channelHz: 10_000,
    seed: 2,
  });
  return toCu8(fm.map((value, n) => value + am[n]));
}
