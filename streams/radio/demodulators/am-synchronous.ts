import type { Demodulator } from '../stage.js';
import { type AmConfig, CarrierLevel } from './carrier-level.js';
import { CarrierMeter } from './carrier-meter.js';
import { phaseOf } from './phase.js';

/** Noise bandwidth of the loop while searching and once locked, Hz. */
const SEARCH_HZ = 120;
const LOCKED_HZ = 25;
/**
 * The share of the signal that is in phase, averaged over this long, tells how well it is locked: 0 not at all, 1
 * perfectly. Between the two values the loop narrows, and the audio changes over from the envelope: a loop that is not
 * locked would give a whistle.
 */
const LOCK_SECONDS = 0.05;
const UNLOCKED = 0.4;
const LOCKED = 0.8;

/**
 * AM by a phase-locked loop on the carrier: the part in phase with it is the audio, so that noise at right angles
 * falls out and a fading carrier does not distort. Loop: second order, damping 1/√2 (Gardner, Phaselock Techniques).
 */
export class AmSynchronousDemodulator implements Demodulator<AmConfig> {
  readonly latency = 0;
  readonly #carrier: CarrierLevel;
  readonly #meter: CarrierMeter;
  /** Phase in radians, frequency in radians per sample. */
  #phase = 0;
  #frequency = 0;
  #lock = 0;
  #started = false;

  constructor(readonly config: Readonly<AmConfig>) {
    this.#carrier = new CarrierLevel(config);
    this.#meter = new CarrierMeter(config.rate);
  }

  process(i: Float32Array, q: Float32Array, from: number, count: number, out: Float32Array): void {
    this.#meter.measure(i, q, from, count);
    const { rate } = this.config;
    const carrier = this.#carrier;
    const forget = 1 / (LOCK_SECONDS * rate);
    for (let n = from; n < from + count; n++) {
      const re = i[n];
      const im = q[n];
      if (!this.#started) this.#phase = phaseOf(re, im);
      this.#started = true;
      const c = Math.cos(this.#phase);
      const s = Math.sin(this.#phase);
      const inPhase = re * c + im * s;
      const across = im * c - re * s;
      const error = phaseOf(inPhase, across);
      const magnitude = Math.sqrt(re * re + im * im);
      this.#lock += forget * ((magnitude > 0 ? inPhase / magnitude : 0) - this.#lock);
      const narrow = Math.max(0, Math.min(1, (this.#lock - UNLOCKED) / (LOCKED - UNLOCKED)));
      const natural = ((SEARCH_HZ + (LOCKED_HZ - SEARCH_HZ) * narrow) * 2) / (1.06 * rate);
      this.#frequency += natural * natural * error;
      this.#phase += this.#frequency + Math.SQRT2 * natural * error;
      if (this.#phase > Math.PI) this.#phase -= 2 * Math.PI;
      else if (this.#phase < -Math.PI) this.#phase += 2 * Math.PI;
      const sound = magnitude + narrow * (inPhase - magnitude);
      out[n] = carrier.remove(sound);
    }
  }

  /** By the mean turn between samples and not by the loop, which may be locked to nothing yet. */
  takeCarrierHz(): number {
    return this.#meter.takeHz();
  }

  takeOffset(): number {
    return this.#carrier.takeOffset();
  }

  reset(): void {
    this.#carrier.reset();
    this.#phase = 0;
    this.#frequency = 0;
    this.#lock = 0;
    this.#started = false;
    this.#meter.reset();
  }

  clone(): AmSynchronousDemodulator {
    return new AmSynchronousDemodulator(this.config);
  }
}
