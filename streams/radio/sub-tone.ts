import { CODE_RATE, type CodeDetector } from './code-detector.js';

/** The tone is looked at every 50 ms, over the last 200: an answer within a quarter of a second. */
const HOP = 50;
const HOPS = 4;
/** Tones are 2.3 Hz apart and more: so far off it is another one, Hz. */
const MOST_OFFSET_HZ = 1.1;
/** Tones are sent at 10 to 20 % of full deviation; less than 2 % is none. */
const LEAST_AMPLITUDE = 0.02;
/** A tone holds at least this share of the power under 300 Hz. */
const LEAST_SHARE = 0.35;
/** Looks in a row without the tone before it counts as gone: a loud vowel may cover it. */
const MOST_MISSES = 4;

/** Listens for one CTCSS tone: its strength beside what else lies under 300 Hz, and its frequency by the turn of its phase. */
export class SubToneDetector implements CodeDetector {
  isHeard = false;
  /** Sums of hops: real part, imaginary part, power. */
  #hops: { re: number; im: number; power: number }[] = [];
  #hop = { re: 0, im: 0, power: 0 };
  #inHop = 0;
  #phase = 0;
  #last: { re: number; im: number } | undefined;
  #misses = 0;

  constructor(private readonly hz: number) {}

  push(sample: number): void {
    const angle = 2 * Math.PI * this.#phase;
    this.#phase += this.hz / CODE_RATE;
    this.#phase -= Math.floor(this.#phase);
    this.#hop.re += sample * Math.cos(angle);
    this.#hop.im -= sample * Math.sin(angle);
    this.#hop.power += sample * sample;
    if (++this.#inHop === HOP) this.#look();
  }

  #look(): void {
    this.#hops.push(this.#hop);
    this.#hop = { re: 0, im: 0, power: 0 };
    this.#inHop = 0;
    if (this.#hops.length < HOPS) return;
    let [re, im, power] = [0, 0, 0];
    for (const hop of this.#hops) {
      re += hop.re;
      im += hop.im;
      power += hop.power;
    }
    this.#hops.shift();
    const amplitude = (2 * Math.hypot(re, im)) / (HOP * HOPS);
    const share = (amplitude * amplitude) / 2 / Math.max(power / (HOP * HOPS), 1e-30);
    const last = this.#last;
    this.#last = { re, im };
    if (last === undefined) return;
    const turn = Math.atan2(im * last.re - re * last.im, re * last.re + im * last.im);
    const offsetHz = (turn / (2 * Math.PI)) * (CODE_RATE / HOP);
    const isThere =
      amplitude >= LEAST_AMPLITUDE && share >= LEAST_SHARE && Math.abs(offsetHz) <= MOST_OFFSET_HZ;
    this.#misses = isThere ? 0 : this.#misses + 1;
    this.isHeard = isThere || (this.isHeard && this.#misses < MOST_MISSES);
  }

  reset(): void {
    this.isHeard = false;
    this.#hops = [];
    this.#hop = { re: 0, im: 0, power: 0 };
    this.#inHop = 0;
    this.#phase = 0;
    this.#last = undefined;
    this.#misses = 0;
  }
}
