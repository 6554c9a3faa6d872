/**
 * Random numbers that depend on where they are used and not on who asked first: a generator is made from a seed and
 * any number of stream numbers (example, epoch, trial), so work spread over any number of threads draws the same.
 */

/** One round of the 32-bit finaliser of MurmurHash3 (A. Appleby, public domain): every input bit reaches all. */
function mix(x: number): number {
  let h = x | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/** A 32-bit hash of a text (FNV-1a, then mixed), unsigned; `seed` gives another, unrelated hash. */
export function hashText(text: string, seed = 0): number {
  let h = 0x811c9dc5 ^ mix(seed);
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return mix(h) >>> 0;
}

/** xoshiro128** 1.1 (D. Blackman, S. Vigna 2018, public domain), seeded by hashing. Same numbers on every machine. */
export class Random {
  #a = 0;
  #b = 0;
  #c = 0;
  #d = 0;
  #spare = Number.NaN;

  /** @param seed any integer up to ±2^53. @param streams further integers; each combination is its own sequence. */
  constructor(seed: number, ...streams: number[]) {
    let h = 0x9e3779b9;
    for (const word of [seed, ...streams]) {
      h = mix(Math.imul(h, 0x01000193) ^ (word % 0x1_0000_0000));
      h = mix((h + 0x9e3779b9) ^ Math.floor(word / 0x1_0000_0000));
    }
    const next = () => {
      h = (h + 0x9e3779b9) | 0;
      return mix(h);
    };
    this.#a = next();
    this.#b = next();
    this.#c = next();
    this.#d = next() | 1;
    // The first outputs of a freshly hashed state are already well mixed; a few steps cost nothing.
    for (let i = 0; i < 4; i++) this.uint32();
  }

  /** Uniform integer in [0, 2^32). */
  uint32(): number {
    const b = this.#b;
    const five = Math.imul(b, 5);
    const result = Math.imul((five << 7) | (five >>> 25), 9) >>> 0;
    const t = b << 9;
    this.#c ^= this.#a;
    this.#d ^= b;
    this.#b = b ^ this.#c;
    this.#a ^= this.#d;
    this.#c ^= t;
    this.#d = (this.#d << 11) | (this.#d >>> 21);
    return result;
  }

  /** Uniform in [0, 1), 32 bits of resolution. */
  next(): number {
    return this.uint32() / 0x1_0000_0000;
  }

  /** Uniform in [low, high). */
  uniform(low: number, high: number): number {
    return low + (high - low) * this.next();
  }

  /** Uniform integer in [0, count); `count` ≤ 2^32. */
  integer(count: number): number {
    return Math.floor(this.next() * count);
  }

  /** True with probability `p`. */
  chance(p: number): boolean {
    return this.next() < p;
  }

  /** Gaussian with mean 0 and deviation 1 (Marsaglia's polar method). */
  normal(): number {
    if (!Number.isNaN(this.#spare)) {
      const spare = this.#spare;
      this.#spare = Number.NaN;
      return spare;
    }
    let u: number;
    let v: number;
    let s: number;
    do {
      u = 2 * this.next() - 1;
      v = 2 * this.next() - 1;
      s = u * u + v * v;
    } while (s >= 1 || s === 0);
    const scale = Math.sqrt((-2 * Math.log(s)) / s);
    this.#spare = v * scale;
    return u * scale;
  }
}
