import { Random } from '../../src/random.js';
import type { VoiceScene } from './voice-scene.js';

/** Time constant of a burst, s: drawn from the shortest to the longest. */
const CRASH_SECONDS = [0.003, 0.04] as const;
/** A burst is over after so many time constants: −52 dB. */
const CRASH_LENGTH = 6;
/** A thump is over after so many: −73 dB. */
const THUMP_LENGTH = 12;

/** Adds the scene's whistles and crashes to interleaved I, Q in which the signal has RMS `level`. */
export function addInterference(iq: Float32Array, scene: VoiceScene, level: number): void {
  const { rate, whistles, crashes, seed } = scene;
  const random = new Random(seed, 0x51_52_4d);
  const count = iq.length / 2;
  for (const { hz, db } of whistles) {
    const amplitude = level * 10 ** (db / 20);
    const step = (2 * Math.PI * hz) / rate;
    const phase = 2 * Math.PI * random.next();
    for (let n = 0; n < count; n++) {
      iq[2 * n] += amplitude * Math.cos(step * n + phase);
      iq[2 * n + 1] += amplitude * Math.sin(step * n + phase);
    }
  }
  if (crashes === undefined) return;
  const expected = (crashes.perSecond * count) / rate;
  for (let left = Math.floor(expected + random.next()); left > 0; left--) {
    const decay = random.uniform(...CRASH_SECONDS) * rate;
    const from = random.integer(count);
    const strength = level * 10 ** ((crashes.db + random.uniform(-6, 6)) / 20);
    const end = Math.min(count, from + Math.round(CRASH_LENGTH * decay));
    for (let n = from; n < end; n++) {
      const envelope = strength * Math.exp((from - n) / decay);
      iq[2 * n] += envelope * random.normal();
      iq[2 * n + 1] += envelope * random.normal();
    }
  }
}

/** Adds the thump of direct current that settles behind a high-pass: t/τ·e^(1 − t/τ), of either sign. */
export function addThumps(noisy: Float32Array, thumps: VoiceScene['thumps'], rate: number): void {
  const power = noisy.reduce((sum, value) => sum + value * value, 0) / noisy.length;
  for (const [i, { at, seconds, db }] of thumps.entries()) {
    const amplitude = (i % 2 === 0 ? 1 : -1) * Math.sqrt(power) * 10 ** (db / 20);
    const from = Math.round(at * rate);
    const end = Math.min(noisy.length, from + Math.round(THUMP_LENGTH * seconds * rate));
    for (let n = from; n < end; n++) {
      const t = (n - from) / (seconds * rate);
      noisy[n] += amplitude * t * Math.exp(1 - t);
    }
  }
}

const ATTACK_SECONDS = 0.005;

/**
 * A receiver's gain control: follows the noisy audio's peaks up at once and down slowly, and brings them to one level,
 * raising pauses by `mostDb` at most. Both sounds get the same gain.
 */
export function breathe(
  noisy: Float32Array,
  clean: Float32Array,
  { seconds, mostDb }: NonNullable<VoiceScene['breathing']>,
  rate: number,
): void {
  let peak = 0;
  for (const value of noisy) peak = Math.max(peak, Math.abs(value));
  const least = peak * 10 ** (-mostDb / 20);
  const attack = 1 - Math.exp(-1 / (ATTACK_SECONDS * rate));
  const decay = 1 - Math.exp(-1 / (seconds * rate));
  let envelope = peak;
  for (let n = 0; n < noisy.length; n++) {
    const now = Math.abs(noisy[n]);
    envelope += (now > envelope ? attack : decay) * (now - envelope);
    const gain = peak / Math.max(envelope, least, 1e-12);
    noisy[n] *= gain;
    clean[n] *= gain;
  }
}
