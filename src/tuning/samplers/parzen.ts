/**
 * Densities over configurations as mixtures with one part per observed trial (J. Bergstra 2011; multivariate and with the bandwidths
 * of S. Falkner 2018 as Optuna has them). Each part is a product over hyperparameters; one that its trial did not have counts
 * as drawn without preference, so that conditional spaces need no tree of models.
 */
import type { Random } from '../../random.js';
import {
  countValues,
  type Distribution,
  draw,
  fromUnit,
  indexOf,
  type NumberRange,
  type ParameterValue,
  toUnit,
  valueAt,
} from '../distribution.js';
import { distributionKey, type Suggestion } from '../space.js';

/** Values up to which the density of a finite distribution is a table. */
const MOST_TABLE = 256;

/** Bandwidth of one observation in one dimension, as a share of the range. */
const WIDEST = 0.2;

/** One hyperparameter in all parts of a mixture. */
interface Axis {
  /** Log density of `value` in each part; the prior last. `[parts]` */
  logDensities(value: ParameterValue): Float64Array;
  /** A value of one part. */
  drawFrom(part: number, random: Random): ParameterValue;
}

/** A mixture over whole configurations. */
export class ParzenMixture {
  readonly #axes = new Map<string, Axis>();
  readonly #logWeights: Float64Array;
  readonly #cumulative: Float64Array;

  /**
   * @param observed configurations
   * @param weights of their parts, any scale
   * @param priorWeight of the part that prefers nothing, on the scale of `weights`
   * @param dimensions hyperparameters of the space, for the bandwidth
   */
  constructor(
    private readonly observed: readonly Pick<Suggestion, 'params' | 'distributions'>[],
    weights: readonly number[],
    priorWeight: number,
    private readonly dimensions: number,
  ) {
    const all = [...weights, priorWeight];
    const sum = all.reduce((a, b) => a + b, 0);
    this.#logWeights = Float64Array.from(all, (weight) => Math.log(weight / sum));
    let reached = 0;
    this.#cumulative = Float64Array.from(all, (weight) => (reached += weight / sum));
  }

  /** Number of a part, drawn by weight. */
  drawPart(random: Random): number {
    const at = random.next();
    const part = this.#cumulative.findIndex((upTo) => at < upTo);
    return part < 0 ? this.observed.length : part;
  }

  /** A value of one hyperparameter from one part. */
  draw(part: number, name: string, distribution: Distribution, random: Random): ParameterValue {
    return this.#axis(name, distribution).drawFrom(part, random);
  }

  /** Log density of a configuration. */
  logDensity({ params, distributions }: Suggestion): number {
    const sums = this.#logWeights.slice();
    for (const [name, distribution] of Object.entries(distributions)) {
      const logs = this.#axis(name, distribution).logDensities(params[name]);
      for (let part = 0; part < sums.length; part++) sums[part] += logs[part];
    }
    return logSumExp(sums);
  }

  #axis(name: string, distribution: Distribution): Axis {
    const key = `${name} ${distributionKey(distribution)}`;
    let axis = this.#axes.get(key);
    if (axis === undefined) {
      axis = this.#createAxis(name, distribution);
      this.#axes.set(key, axis);
    }
    return axis;
  }

  #createAxis(name: string, distribution: Distribution): Axis {
    const values = this.observed.map(({ params }) => params[name]);
    const count = countValues(distribution);
    const bandwidth = WIDEST * Math.max(1, this.observed.length) ** (-1 / (this.dimensions + 4));
    if (count > MOST_TABLE) return continuousAxis(distribution as NumberRange, values, bandwidth);
    return tableAxis(distribution, count, values, bandwidth);
  }
}

function logSumExp(values: Float64Array): number {
  let highest = Number.NEGATIVE_INFINITY;
  for (const value of values) if (value > highest) highest = value;
  let sum = 0;
  for (const value of values) sum += Math.exp(value - highest);
  return highest + Math.log(sum);
}

/** Gaussians cut off at the ends of the range, on its linear or logarithmic axis of 0 … 1. */
function continuousAxis(
  range: NumberRange,
  values: readonly (ParameterValue | undefined)[],
  bandwidth: number,
): Axis {
  const parts = values.length;
  const centres = Float64Array.from(values, (value) =>
    typeof value === 'number' ? toUnit(range, value) : Number.NaN,
  );
  const narrowest = 1 / Math.min(100, parts + 1);
  const sigma = Math.min(1, Math.max(narrowest, bandwidth));
  const norms = centres.map((centre) =>
    Math.log(sigma * Math.sqrt(2 * Math.PI) * (normalCdf((1 - centre) / sigma) - normalCdf(-centre / sigma))),
  );
  return {
    logDensities(value) {
      const unit = toUnit(range, value as number);
      const logs = new Float64Array(parts + 1);
      for (let part = 0; part < parts; part++) {
        const distance = (unit - centres[part]) / sigma;
        if (!Number.isNaN(distance)) logs[part] = -0.5 * distance * distance - norms[part];
      }
      return logs;
    },
    drawFrom(part, random) {
      const centre = centres[part];
      if (part >= parts || Number.isNaN(centre)) return draw(range, random);
      for (;;) {
        const unit = centre + sigma * random.normal();
        if (unit >= 0 && unit <= 1) return fromUnit(range, unit);
      }
    },
  };
}

/** A row of probabilities per value that was observed; rows of equal values are one. */
function tableAxis(
  d: Distribution,
  count: number,
  values: readonly (ParameterValue | undefined)[],
  bandwidth: number,
): Axis {
  const parts = values.length;
  const ordered = d.kind !== 'categorical' || d.ordered === true;
  // Half a step of blur at least: the neighbours of a good value are to be tried.
  const sigma = Math.max(0.5 / Math.max(1, count - 1), bandwidth);
  const rows = new Map<number, Float64Array>();
  const rowOf = (index: number): Float64Array => {
    let row = rows.get(index);
    if (row === undefined) {
      row = new Float64Array(count);
      for (let i = 0; i < count; i++) {
        const distance = (i - index) / (count - 1 || 1) / sigma;
        row[i] = ordered ? Math.exp(-0.5 * distance * distance) : 1 / (parts + 1) + (i === index ? 1 : 0);
      }
      const sum = row.reduce((a, b) => a + b, 0);
      for (let i = 0; i < count; i++) row[i] /= sum;
      rows.set(index, row);
    }
    return row;
  };
  const logs = new Map<number, Float64Array>();
  const indices = Int32Array.from([...values, undefined], (value) =>
    value === undefined ? -1 : indexOf(d, value),
  );
  const even = -Math.log(count);
  return {
    logDensities(value) {
      const at = indexOf(d, value);
      let known = logs.get(at);
      if (known === undefined) {
        known = Float64Array.from({ length: parts + 1 }, (_, part) =>
          indices[part] >= 0 ? Math.log(rowOf(indices[part])[at]) : even,
        );
        logs.set(at, known);
      }
      return known;
    },
    drawFrom(part, random) {
      if (indices[part] < 0) return draw(d, random);
      const row = rowOf(indices[part]);
      let rest = random.next();
      for (let i = 0; i < count; i++) {
        rest -= row[i];
        if (rest < 0) return valueAt(d, i);
      }
      return valueAt(d, indices[part]);
    },
  };
}

/** Distribution function of the normal distribution, to 1.5e-7 (Abramowitz and Stegun 7.1.26). */
function normalCdf(x: number): number {
  const t = 1 / (1 + 0.3275911 * (Math.abs(x) / Math.SQRT2));
  const tail =
    t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  const erf = 1 - tail * Math.exp((-x * x) / 2);
  return 0.5 * (1 + Math.sign(x) * erf);
}
