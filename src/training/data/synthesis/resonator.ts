/** A two-pole resonance, run sample by sample: what is struck rings at `hertz` and falls by 60 dB in `seconds`. */
export class Resonator {
  readonly #a: number;
  readonly #b: number;
  #one = 0;
  #two = 0;

  constructor(hertz: number, seconds: number, sampleRate: number) {
    const radius = Math.exp(-6.907755 / (seconds * sampleRate));
    this.#a = 2 * radius * Math.cos((2 * Math.PI * Math.min(hertz, 0.45 * sampleRate)) / sampleRate);
    this.#b = -radius * radius;
  }

  /** The next sample of the ringing. @param input what strikes it */
  next(input: number): number {
    const value = input + this.#a * this.#one + this.#b * this.#two;
    this.#two = this.#one;
    this.#one = value;
    return value;
  }
}
