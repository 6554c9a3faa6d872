/** Calls of {@link IqBalance.update} that make one estimate, and estimates that are averaged. */
const CALLS = 10;
const MEMORY = 20;
/** Estimates in a row before the first correction. */
const LEAST_ESTIMATES = 5;
/** No tuner is worse: 2 dB, 10°. What looks worse is a signal that is itself lopsided, such as AM on 0 Hz. */
const MOST_GAIN = (2 / 20) * Math.LN10;
const MOST_ANGLE = (10 * Math.PI) / 180;

/**
 * Finds by how much the two branches of a tuner differ in gain and are off the right angle, without a test signal: over a
 * wide band I and Q have the same power and are uncorrelated, whatever is received (Windisch & Fettweis 2004). The correction
 * of Q is `q·ofQ + i·ofI`. An estimate that scatters is trusted in the measure in which its mean stands out of its scatter.
 */
export class IqBalance {
  /** Factors of the correction. */
  ofQ = 1;
  ofI = 0;
  #calls = 0;
  #estimates = 0;
  /** Natural logarithm of the gain, and angle, rad: mean and variance. */
  #gain = 0;
  #gainVariance = 0;
  #angle = 0;
  #angleVariance = 0;
  #sums = { count: 0, i: 0, q: 0, ii: 0, qq: 0, iq: 0 };

  /** Takes sums over the samples since the last call, uncorrected. To be called at fixed sample counts. */
  update(count: number, i: number, q: number, ii: number, qq: number, iq: number): void {
    const sums = this.#sums;
    sums.count += count;
    sums.i += i;
    sums.q += q;
    sums.ii += ii;
    sums.qq += qq;
    sums.iq += iq;
    if (++this.#calls < CALLS) return;
    this.#calls = 0;
    this.#estimate();
    Object.assign(sums, { count: 0, i: 0, q: 0, ii: 0, qq: 0, iq: 0 });
  }

  #estimate(): void {
    const { count, i, q, ii, qq, iq } = this.#sums;
    const powerI = ii - (i * i) / count;
    const powerQ = qq - (q * q) / count;
    const gain = Math.log(powerQ / powerI) / 2;
    const angle = Math.asin((iq - (i * q) / count) / Math.sqrt(powerI * powerQ));
    if (!(Math.abs(gain) < MOST_GAIN && Math.abs(angle) < MOST_ANGLE)) {
      this.#estimates = 0;
      return;
    }
    this.#estimates++;
    const weight = 1 / Math.min(this.#estimates, MEMORY);
    const gainOff = gain - this.#gain;
    const angleOff = angle - this.#angle;
    this.#gain += weight * gainOff;
    this.#angle += weight * angleOff;
    this.#gainVariance = (1 - weight) * (this.#gainVariance + weight * gainOff * gainOff);
    this.#angleVariance = (1 - weight) * (this.#angleVariance + weight * angleOff * angleOff);
    if (this.#estimates < LEAST_ESTIMATES) return;
    const g = Math.exp(trusted(this.#gain, this.#gainVariance * weight));
    const phi = trusted(this.#angle, this.#angleVariance * weight);
    this.ofQ = 1 / (g * Math.cos(phi));
    this.ofI = -Math.tan(phi);
  }

  reset(): void {
    this.ofQ = 1;
    this.ofI = 0;
    this.#calls = 0;
    this.#estimates = 0;
    this.#gain = 0;
    this.#gainVariance = 0;
    this.#angle = 0;
    this.#angleVariance = 0;
    Object.assign(this.#sums, { count: 0, i: 0, q: 0, ii: 0, qq: 0, iq: 0 });
  }
}

/** A mean shrunk towards 0 as far as it may be chance: nothing is left of one within two standard errors. */
function trusted(mean: number, varianceOfMean: number): number {
  return mean === 0 ? 0 : mean * Math.max(0, 1 - (4 * varianceOfMean) / (mean * mean));
}
