import { CODE_RATE, type CodeDetector } from './code-detector.js';

const BITS_PER_SECOND = 134.4;
const WORD_BITS = 23;
const MASK = 2 ** WORD_BITS - 1;
/** Wrong bits in a word that is still taken for the one expected: words differ in seven bits or more. */
const MOST_ERRORS = 2;
/** So many words may go by without a hit, 0.5 s, before the code counts as gone. */
const MOST_MISSING_BITS = 3 * WORD_BITS;
/** How far an edge pulls the clock towards it, and how fast the middle between the levels is followed. */
const CLOCK_PULL = 0.25;
const MIDDLE_WEIGHT = 0.01;

/**
 * The word of a DCS code, least bit sent first: nine bits of the number, 100, and eleven of a Golay code (23, 12) with the
 * generator x¹¹ + x⁹ + x⁷ + x⁶ + x⁵ + x + 1 (TIA-603).
 */
export function dcsWord(code: number): number {
  const data = 0x800 | (code & 0x1ff);
  let rest = data;
  for (let bit = 0; bit < 12; bit++) {
    rest <<= 1;
    if (rest & 0x1000) rest ^= 0x8ea;
  }
  return data | ((rest & 0xffe) << 11);
}

/** Listens for one DCS code. */
export class DcsDetector implements CodeDetector {
  #word = 0;
  #bits = 0;
  #missing = MOST_MISSING_BITS;
  /** Part of a bit that has passed, and the level of the sample before. */
  #clock = 0;
  #wasHigh = false;
  #middle = 0;
  readonly #wanted: number;

  constructor(code: number, inverted: boolean) {
    this.#wanted = inverted ? dcsWord(code) ^ MASK : dcsWord(code);
  }

  get isHeard(): boolean {
    return this.#missing < MOST_MISSING_BITS;
  }

  push(sample: number): void {
    this.#middle += MIDDLE_WEIGHT * (sample - this.#middle);
    const isHigh = sample > this.#middle;
    if (isHigh !== this.#wasHigh) {
      // An edge belongs where the clock passes 0: half a bit later the level is read.
      this.#clock -= CLOCK_PULL * (this.#clock < 0.5 ? this.#clock : this.#clock - 1);
      this.#wasHigh = isHigh;
    }
    const before = this.#clock;
    this.#clock += BITS_PER_SECOND / CODE_RATE;
    if (before < 0.5 && this.#clock >= 0.5) this.#take(isHigh);
    if (this.#clock >= 1) this.#clock -= 1;
  }

  #take(isHigh: boolean): void {
    this.#word = (this.#word >>> 1) | (isHigh ? 2 ** (WORD_BITS - 1) : 0);
    if (this.#bits < WORD_BITS) this.#bits++;
    if (this.#missing < MOST_MISSING_BITS) this.#missing++;
    if (this.#bits === WORD_BITS && ones(this.#word ^ this.#wanted) <= MOST_ERRORS) this.#missing = 0;
  }

  reset(): void {
    this.#word = 0;
    this.#bits = 0;
    this.#missing = MOST_MISSING_BITS;
    this.#clock = 0;
    this.#wasHigh = false;
    this.#middle = 0;
  }
}

function ones(word: number): number {
  let count = 0;
  for (let left = word; left !== 0; left &= left - 1) count++;
  return count;
}
