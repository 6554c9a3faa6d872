import type { Stage } from './stage.js';

export interface SpikeRemoverConfig {
  /** Complex samples of the channel per second, Hz. */
  rate: number;
  /** What the channel holds beside the spike: a carrier of constant strength, or one that carries its modulation in it. */
  signal: 'fm' | 'am';
}

/** The estimate forgets over this long, and is made anew this often, seconds. */
const MEMORY_SECONDS = { fm: 0.5, am: 1 } as const;
const UPDATE_SECONDS = 0.05;
/** AM: a carrier nearer to the spike than this is not told from it, Hz. */
const LEAST_OFFSET_HZ = 5;
/**
 * FM: spread of the squared distance from the circle, over the squared radius. 2/CNR for a carrier, 1 for noise around a
 * point, which any circle fits: above this there is no carrier to measure by.
 */
const MOST_SPREAD = 0.3;
/** FM: the carrier must swing over so much of the circle, as the smaller variance over the power. */
const LEAST_SWING = 0.02;

/**
 * Takes the spike of a direct-conversion receiver out of a channel that lies over it. The spike is a constant before the
 * oscillator, so it stands still once the oscillator's turn is undone. There an FM signal runs on a circle around it,
 * whose centre is found by least squares (Kåsa 1976; noise does not shift it); of AM it is the mean.
 */
export class SpikeRemover implements Stage<SpikeRemoverConfig> {
  readonly latency = 0;
  readonly #updateSamples: number;
  readonly #keep: number;
  #hz = 0;
  /** Turn of the spike in the channel, cycles. */
  #phase = 0;
  #i = 0;
  #q = 0;
  #inUpdate = 0;
  /** Sums over the memory: of 1, x, y, r², x², y², xy, r²x, r²y and r⁴. */
  readonly #sums = new Float64Array(10);

  constructor(readonly config: Readonly<SpikeRemoverConfig>) {
    const { rate, signal } = config;
    this.#updateSamples = Math.max(1, Math.round(UPDATE_SECONDS * rate));
    this.#keep = Math.exp(-UPDATE_SECONDS / MEMORY_SECONDS[signal]);
  }

  /** Says where in the channel the spike lies, Hz from its middle. */
  setFrequency(hz: number): void {
    this.#hz = hz;
  }

  /** Removes the spike in place from `[from, from + count)`. */
  process(i: Float32Array, q: Float32Array, from: number, count: number): void {
    const step = this.#hz / this.config.rate;
    const sums = this.#sums;
    for (let n = from; n < from + count; n++) {
      const c = Math.cos(2 * Math.PI * this.#phase);
      const s = Math.sin(2 * Math.PI * this.#phase);
      const x = i[n] * c + q[n] * s;
      const y = q[n] * c - i[n] * s;
      const square = x * x + y * y;
      sums[0]++;
      sums[1] += x;
      sums[2] += y;
      sums[3] += square;
      sums[4] += x * x;
      sums[5] += y * y;
      sums[6] += x * y;
      sums[7] += square * x;
      sums[8] += square * y;
      sums[9] += square * square;
      i[n] -= this.#i * c - this.#q * s;
      q[n] -= this.#i * s + this.#q * c;
      this.#phase += step;
      this.#phase -= Math.floor(this.#phase);
      if (++this.#inUpdate === this.#updateSamples) this.#update();
    }
  }

  #update(): void {
    this.#inUpdate = 0;
    const sums = this.#sums;
    if (this.config.signal === 'fm') this.#fitCircle();
    else if (Math.abs(this.#hz) >= LEAST_OFFSET_HZ) {
      this.#i = sums[1] / sums[0];
      this.#q = sums[2] / sums[0];
    }
    for (let k = 0; k < sums.length; k++) sums[k] *= this.#keep;
  }

  #fitCircle(): void {
    const [count, ...rest] = this.#sums;
    const [x, y, power, xx, yy, xy, powerX, powerY, powerPower] = rest.map((sum) => sum / count);
    const varX = xx - x * x;
    const varY = yy - y * y;
    const covXY = xy - x * y;
    const covX = powerX - power * x;
    const covY = powerY - power * y;
    const determinant = varX * varY - covXY * covXY;
    const least = (varX + varY - Math.hypot(varX - varY, 2 * covXY)) / 2;
    if (!(least > LEAST_SWING * power) || determinant <= 0) return;
    // |p|² = 2·centre·p + (radius² − |centre|²), by least squares.
    const a = (covX * varY - covY * covXY) / determinant;
    const b = (covY * varX - covX * covXY) / determinant;
    const radius2 = power - a * x - b * y + (a * a + b * b) / 4;
    const spread = powerPower - power * power - a * covX - b * covY;
    if (!(spread < MOST_SPREAD * radius2 * radius2)) return;
    this.#i = a / 2;
    this.#q = b / 2;
  }

  reset(): void {
    this.#sums.fill(0);
    this.#phase = 0;
    this.#i = 0;
    this.#q = 0;
    this.#inUpdate = 0;
  }

  clone(): SpikeRemover {
    const twin = new SpikeRemover(this.config);
    twin.setFrequency(this.#hz);
    return twin;
  }
}
