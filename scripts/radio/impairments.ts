/** What antenna, air and receiver do to complex samples, in place on interleaved I, Q. Deterministic by seed. */
import { Random } from '../../src/random.js';

/** Short pulses of broadband noise, as ignitions and switching supplies make them. */
export interface Impulses {
  /** Pulses per second. */
  perSecond: number;
  /** Length of one, seconds. */
  seconds: number;
  /** Power over that of the signal, dB. */
  db: number;
}

/** Root of the mean power of interleaved I, Q. */
export function rmsOf(iq: Float32Array): number {
  let power = 0;
  for (const value of iq) power += value * value;
  return Math.sqrt((2 * power) / iq.length);
}

export function addImpulses(
  iq: Float32Array,
  rate: number,
  impulses: Impulses,
  level: number,
  seed: number,
): void {
  const random = new Random(seed, 0x49_4d_50);
  const amplitude = level * 10 ** (impulses.db / 20);
  const length = Math.max(1, Math.round(impulses.seconds * rate));
  const period = rate / impulses.perSecond;
  for (let at = random.next() * period; at + length < iq.length / 2; at += period) {
    const phase = 2 * Math.PI * random.next();
    for (let n = Math.floor(at); n < Math.floor(at) + length; n++) {
      iq[2 * n] += amplitude * Math.cos(phase);
      iq[2 * n + 1] += amplitude * Math.sin(phase);
    }
  }
}

/** The constant that leaks into the middle of the band of a direct-conversion receiver. */
export function addSpike(iq: Float32Array, level: number, db: number): void {
  const amplitude = level * 10 ** (db / 20);
  for (let n = 0; n < iq.length; n += 2) {
    iq[n] += amplitude * 0.8;
    iq[n + 1] -= amplitude * 0.6;
  }
}

/** Unequal gains, dB, and axes that are not at right angles, degrees: the mirror image of every signal appears. */
export function unbalance(iq: Float32Array, gainDb: number, degrees: number): void {
  const gain = 10 ** (gainDb / 20);
  const sin = Math.sin((degrees * Math.PI) / 180);
  const cos = Math.cos((degrees * Math.PI) / 180);
  for (let n = 0; n < iq.length; n += 2) iq[n + 1] = gain * (iq[n + 1] * cos + iq[n] * sin);
}

/** Strength that changes as a sine of `hz` from 0 dB down to `-depthDb`. */
export function fadeSlowly(iq: Float32Array, rate: number, hz: number, depthDb: number): void {
  for (let n = 0; n < iq.length / 2; n++) {
    const db = (-depthDb / 2) * (1 - Math.cos((2 * Math.PI * hz * n) / rate));
    const gain = 10 ** (db / 20);
    iq[2 * n] *= gain;
    iq[2 * n + 1] *= gain;
  }
}

/** Strength that jumps down by `db` and back up every `seconds`. */
export function jump(iq: Float32Array, rate: number, seconds: number, db: number): void {
  const low = 10 ** (-db / 20);
  const period = Math.round(seconds * rate);
  for (let n = 0; n < iq.length / 2; n++) {
    if (Math.floor(n / period) % 2 === 0) continue;
    iq[2 * n] *= low;
    iq[2 * n + 1] *= low;
  }
}

/** A second path of nearly equal strength, `seconds` later and turning by `hz`: notches wander through the channel. */
export function addSecondPath(
  iq: Float32Array,
  rate: number,
  seconds: number,
  hz: number,
  strength: number,
): void {
  const delay = Math.round(seconds * rate);
  const before = iq.slice();
  for (let n = delay; n < iq.length / 2; n++) {
    const angle = (2 * Math.PI * hz * n) / rate;
    const c = strength * Math.cos(angle);
    const s = strength * Math.sin(angle);
    const i = before[2 * (n - delay)];
    const q = before[2 * (n - delay) + 1];
    iq[2 * n] += i * c - q * s;
    iq[2 * n + 1] += i * s + q * c;
  }
}

/** White noise, of the density that gives `cnrDb` under a signal of RMS `level` in `channelHz`. */
export function addNoise(
  iq: Float32Array,
  {
    rate,
    channelHz,
    cnrDb,
    level,
    seed,
  }: { rate: number; channelHz: number; cnrDb: number; level: number; seed: number },
): void {
  const random = new Random(seed, 0x4e_4f_49);
  const sigma = Math.sqrt(((level * level) / 10 ** (cnrDb / 10) / channelHz) * (rate / 2));
  for (let n = 0; n < iq.length; n++) iq[n] += sigma * random.normal();
}

/** Moves the spectrum by `hz`, and further by `driftHzPerSecond`. */
export function shift(iq: Float32Array, rate: number, hz: number, driftHzPerSecond = 0): void {
  let phase = 0;
  for (let n = 0; n < iq.length / 2; n++) {
    const c = Math.cos(2 * Math.PI * phase);
    const s = Math.sin(2 * Math.PI * phase);
    const i = iq[2 * n];
    const q = iq[2 * n + 1];
    iq[2 * n] = i * c - q * s;
    iq[2 * n + 1] = i * s + q * c;
    phase += (hz + (driftHzPerSecond * n) / rate) / rate;
    phase -= Math.floor(phase);
  }
}
