import { describe, expect, it } from 'vitest';
import { Graph, type Tensor } from '../../../src/graph/graph.js';
import {
  atOneLevel,
  l1,
  mse,
  negativeSdr,
  negativeSiSdr,
  spectralLoss,
} from '../../../src/nn/losses/loss.js';
import { checkGradients } from '../../support/gradient-check.js';
import { at, fromIndex, map, type NdArray, randomArray } from '../../support/nd-array.js';
import { plainStft } from '../../support/plain-stft.js';
import { evaluate } from '../../support/run-graph.js';

const scalar = (value: number): NdArray => ({ dims: [], data: Float64Array.of(value) });
const averageOf = (a: NdArray, b: NdArray, f: (x: number, y: number) => number): number =>
  a.data.reduce((total, x, i) => total + f(x, b.data[i]), 0) / a.data.length;

const estimate = randomArray([2, 12], 1);
const target = randomArray([2, 12], 2);

describe('mse and l1', () => {
  it('mse', () =>
    checkGradients({
      inputs: [estimate, target],
      build: mse,
      reference: (a, b) => scalar(averageOf(a, b, (x, y) => (x - y) ** 2)),
    }));

  it('l1', () =>
    checkGradients({
      inputs: [estimate, target],
      build: l1,
      reference: (a, b) => scalar(averageOf(a, b, (x, y) => Math.abs(x - y))),
    }));

  it('of equal tensors are 0, with gradient 0', async () => {
    const g = new Graph();
    const results = await evaluate(g, [estimate, estimate], (a, b) => {
      const losses = [mse(a, b), l1(a, b)];
      return [...losses, ...losses.map((loss) => g.gradients(loss, [a])[0]!)];
    });
    for (const { data } of results) expect(data.every((v) => v === 0)).toBe(true);
  });
});

describe('negativeSiSdr', () => {
  const plain = (a: NdArray, b: NdArray): NdArray => {
    const [batch, time] = a.dims;
    let total = 0;
    for (let i = 0; i < batch; i++) {
      const [e, t] = [a, b].map(({ data }) => data.subarray(i * time, (i + 1) * time));
      const dot = (x: Float64Array, y: Float64Array): number => x.reduce((sum, v, k) => sum + v * y[k], 0);
      const projected = t.map((v) => (dot(e, t) / (dot(t, t) + 1e-5)) * v);
      const noise = e.map((v, k) => v - projected[k]);
      total -= 10 * Math.log10((dot(projected, projected) + 1e-5) / (dot(noise, noise) + 1e-5));
    }
    return scalar(total / batch);
  };

  it('by definition', () =>
    checkGradients({
      inputs: [estimate, target],
      build: (a, b) => negativeSiSdr(a, b),
      constants: [1],
      reference: plain,
    }));

  it('does not depend on the level of the estimate', async () => {
    const losses = await Promise.all(
      [1, 0.1].map(async (level) => {
        const [loss] = await evaluate(
          new Graph(),
          [map(estimate, (x) => level * 100 * x), target],
          (a, b) => [negativeSiSdr(a, b)],
        );
        return loss.data[0];
      }),
    );
    expect(losses[0]).toBeCloseTo(losses[1], 3);
  });

  it('is finite, with a finite gradient, on silence and on perfection', async () => {
    const silence = map(target, () => 0);
    for (const [a, b] of [
      [silence, silence],
      [estimate, silence],
      [silence, target],
      [target, target],
    ]) {
      const g = new Graph();
      const results = await evaluate(g, [a, b], (x, y) => {
        const loss = negativeSiSdr(x, y);
        return [loss, g.gradients(loss, [x])[0]!];
      });
      for (const { data } of results) expect(data.every(Number.isFinite)).toBe(true);
    }
  });
});

describe('negativeSdr', () => {
  const plain = (a: NdArray, b: NdArray): NdArray => {
    const [batch, time] = a.dims;
    let total = 0;
    for (let i = 0; i < batch; i++) {
      const [e, t] = [a, b].map(({ data }) => data.subarray(i * time, (i + 1) * time));
      const signal = t.reduce((sum, v) => sum + v * v, 0) + 1e-5;
      const noise = e.reduce((sum, v, k) => sum + (v - t[k]) ** 2, 0);
      total -= 10 * Math.log10(signal / (noise + signal / 1000 + 1e-5));
    }
    return scalar(total / batch);
  };

  it('by definition', () =>
    checkGradients({
      inputs: [estimate, target],
      build: (a, b) => negativeSdr(a, b),
      constants: [1],
      reference: plain,
    }));

  it('is worse the more the level is wrong, and best at 30 dB', async () => {
    const losses = await Promise.all(
      [1, 0.9, 0.75, 0.5].map(async (level) => {
        const loud = map(target, (x) => 100 * x);
        const [loss] = await evaluate(new Graph(), [map(loud, (x) => level * x), loud], (a, b) => [
          negativeSdr(a, b),
        ]);
        return loss.data[0];
      }),
    );
    expect(losses[0]).toBeCloseTo(-30, 2);
    expect(losses).toEqual(losses.toSorted((a, b) => a - b));
  });
});

describe('atOneLevel', () => {
  it('makes a loss of the same mixture at any level the same', async () => {
    const mixture = randomArray([2, 12], 6);
    const at = async (level: number): Promise<number> => {
      const scaled = [mixture, estimate, target].map((x) => map(x, (v) => v * level));
      const [loss] = await evaluate(new Graph({ float: 'float64' }), scaled, (m, e, t) => [
        mse(...(atOneLevel(m, [e, t]) as [Tensor, Tensor])),
      ]);
      return loss.data[0];
    };
    expect(await at(0.01)).toBeCloseTo(await at(1), 6);
  });

  it('scales the gradient with the signal', () =>
    checkGradients({
      inputs: [randomArray([2, 12], 6), estimate],
      constants: [0],
      build: (m, e) => atOneLevel(m, [e])[0],
    }));
});

describe('spectralLoss', () => {
  const options = { windows: [8, 16], exponent: 0.3, magnitudeShare: 0.6, overAttenuation: 0.7 };
  const plain = (a: NdArray, b: NdArray): NdArray => {
    const terms = options.windows.map((window) => {
      const hop = window / 2;
      const time = a.dims[1] + ((hop - (a.dims[1] % hop)) % hop);
      const spectrum = (x: NdArray) => {
        const padded = fromIndex([x.dims[0], time], (i, t) => (t < x.dims[1] ? at(x, i, t) : 0));
        const [re, im] = plainStft(padded, window, hop);
        const power = (k: number): number => Math.max(re.data[k] ** 2 + im.data[k] ** 2, 1e-8);
        const scaled = (part: NdArray): NdArray => ({
          dims: part.dims,
          data: part.data.map((v, k) => v * power(k) ** ((options.exponent - 1) / 2)),
        });
        const magnitude = { dims: re.dims, data: re.data.map((_, k) => power(k) ** (options.exponent / 2)) };
        return { magnitude, re: scaled(re), im: scaled(im) };
      };
      const [p, q] = [spectrum(a), spectrum(b)];
      const difference = (x: NdArray, y: NdArray): number => averageOf(x, y, (v, w) => (v - w) ** 2);
      const complex = difference(p.re, q.re) + difference(p.im, q.im);
      const missing = averageOf(p.magnitude, q.magnitude, (v, w) => Math.max(w - v, 0) ** 2);
      return (
        options.magnitudeShare * difference(p.magnitude, q.magnitude) +
        (1 - options.magnitudeShare) * complex +
        options.overAttenuation * missing
      );
    });
    return scalar(terms.reduce((x, y) => x + y) / terms.length);
  };

  it.each([32, 35])('by definition, over %d samples', (time) =>
    checkGradients({
      inputs: [randomArray([2, time], 3), randomArray([2, time], 4)],
      build: (a, b) => spectralLoss(a, b, options),
      reference: plain,
      tolerance: 1e-5,
      step: 1e-6,
    }),
  );

  it('is finite, with a finite gradient, on silence', async () => {
    const silence = map(randomArray([1, 2048], 5), () => 0);
    const g = new Graph();
    const results = await evaluate(g, [silence, silence], (a, b) => {
      const loss = spectralLoss(a, b);
      return [loss, g.gradients(loss, [a])[0]!];
    });
    for (const { data } of results) expect(data.every(Number.isFinite)).toBe(true);
  });
});
