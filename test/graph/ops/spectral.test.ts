import { describe, expect, it } from 'vitest';
import { Graph } from '../../../src/graph/graph.js';
import { overlapAdd } from '../../../src/graph/ops/convolution.js';
import { compress, istft, stft, trim } from '../../../src/graph/ops/spectral.js';
import { checkGradients, expectClose } from '../../support/gradient-check.js';
import { at, fromIndex, type NdArray, randomArray } from '../../support/nd-array.js';
import { plainStft } from '../../support/plain-stft.js';
import { evaluate } from '../../support/run-graph.js';

describe('stft', () => {
  it.each([
    [8, 4, undefined],
    [8, 2, undefined],
    [6, 3, undefined],
    [8, 4, 4],
    [4, 4, undefined],
  ])('window %d, hop %d, bins %s', (size, hop, bins) =>
    checkGradients({
      inputs: [randomArray([2, size + 2 * hop], 1)],
      build: (x) => {
        const { re, im } = stft(x, { window: size, hop, bins });
        return [re, im];
      },
      reference: (x) => plainStft(x, size, hop, bins),
    }),
  );

  it('of a tone: all energy in its bin and the two beside it', async () => {
    const x = fromIndex([1, 256], (_, n) => Math.cos((2 * Math.PI * 5 * n) / 64));
    const [re, im] = await evaluate(new Graph(), [x], (t) => {
      const spectrum = stft(t, { window: 64, hop: 32 });
      return [spectrum.re, spectrum.im];
    });
    const power = (k: number): number => at(re, 0, 2, k) ** 2 + at(im, 0, 2, k) ** 2;
    const total = Array.from({ length: 33 }, (_, k) => power(k)).reduce((a, b) => a + b);
    expect((power(4) + power(5) + power(6)) / total).toBeGreaterThan(0.98);
  });

  it('refuses a length that is not a multiple of the hop', () => {
    expect(() => stft(new Graph().input('x', [1, 30]), { window: 8, hop: 4 })).toThrow(/multiple of 4/);
  });
});

describe('istft', () => {
  const options = [
    [16, 8],
    [16, 4],
    [32, 4],
  ];
  it.each(options)('window %d, hop %d: perfect reconstruction away from the edges', async (size, hop) => {
    const x = randomArray([2, 6 * size], 2);
    const [y] = await evaluate(new Graph({ float: 'float64' }), [x], (t) => [
      trim(overlapAdd(istft(stft(t, { window: size, hop }), { window: size, hop }), hop), size),
    ]);
    expectClose(
      y,
      fromIndex([2, 4 * size], (i, t) => at(x, i, t + size)),
      1e-12,
    );
  });

  it.each([
    [16, 4, 8],
    [24, 8, 16],
    [32, 4, 16],
  ])('window %d, hop %d: gives the last %d samples back exactly', async (size, hop, given) => {
    const frames = 12;
    const length = size + (frames - 1) * hop;
    const x = randomArray([2, length], 2);
    const [y] = await evaluate(new Graph({ float: 'float64' }), [x], (t) => [
      trim(
        overlapAdd(istft(stft(t, { window: size, hop, given }), { window: size, hop, given }), hop),
        given,
      ),
    ]);
    expectClose(
      y,
      fromIndex([2, (frames - 1) * hop - given], (i, t) => at(x, i, size + t)),
      1e-12,
    );
  });

  it('takes a finer spectrum in with a window that reaches further back than it gives', async () => {
    // Two tones 1.5 bins of the short window apart: only the long one tells them from one.
    const x = fromIndex(
      [1, 512],
      (_, n) => Math.cos((n * 9) / 32) + Math.cos((n * 9) / 32 + (n * Math.PI * 3) / 64),
    );
    const dip = async (window: number) => {
      const [re, im] = await evaluate(new Graph(), [x], (t) => {
        const spectrum = stft(t, { window, hop: 32, given: 64 });
        return [spectrum.re, spectrum.im];
      });
      const power = Array.from({ length: window / 2 }, (_, k) => at(re, 0, 3, k) ** 2 + at(im, 0, 3, k) ** 2);
      const [low, high] = [9 / 32, 9 / 32 + (3 * Math.PI) / 64].map((w) =>
        Math.round((w / (2 * Math.PI)) * window),
      );
      const middle = Math.round((low + high) / 2);
      return Math.min(power[low], power[high]) / power[middle];
    };
    expect(await dip(256)).toBeGreaterThan(30);
    expect(await dip(64)).toBeLessThan(3);
  });

  it.each(options)('window %d, hop %d: gradients', (size, hop) =>
    checkGradients({
      inputs: [randomArray([1, 2, size / 2 + 1], 3), randomArray([1, 2, size / 2 + 1], 4)],
      build: (re, im) => overlapAdd(istft({ re, im }, { window: size, hop }), hop),
    }),
  );

  it('counts bins that are not given as zero', async () => {
    const x = randomArray([1, 32], 5);
    const zeroed = (full: boolean) =>
      evaluate(new Graph({ float: 'float64' }), [x], (t) => {
        const { re, im } = stft(t, { window: 16, hop: 8, bins: 8 });
        const zero = t.graph.full([1, 3, 1], 0);
        const more = (part: typeof re) =>
          t.graph.emit1('Concat', [part, zero], [1, 3, 9], { axis: { kind: 'int', value: 2 } });
        return [istft(full ? { re: more(re), im: more(im) } : { re, im }, { window: 16, hop: 8 })];
      });
    expectClose((await zeroed(false))[0], (await zeroed(true))[0], 1e-12);
  });
});

describe('compress', () => {
  const plain = (exponent: number, floor: number) => (re: NdArray, im: NdArray) => {
    const power = (k: number): number => Math.max(re.data[k] ** 2 + im.data[k] ** 2, floor);
    const times = (part: NdArray, e: number): NdArray => ({
      dims: part.dims,
      data: part.data.map((v, k) => v * power(k) ** (e / 2)),
    });
    return [
      { dims: re.dims, data: re.data.map((_, k) => power(k) ** (exponent / 2)) },
      times(re, exponent - 1),
      times(im, exponent - 1),
    ];
  };

  it.each([0.3, 0.5, 1])('exponent %d', (exponent) =>
    checkGradients({
      inputs: [randomArray([2, 3, 4], 6), randomArray([2, 3, 4], 7)],
      build: (re, im) => {
        const c = compress({ re, im }, exponent);
        return [c.magnitude, c.re, c.im];
      },
      reference: plain(exponent, 1e-12),
    }),
  );

  it('below the floor the magnitude is constant and silence stays finite', async () => {
    const re = { dims: [3], data: Float64Array.of(0, 1e-9, 1) };
    const im = { dims: [3], data: Float64Array.of(0, 0, 0) };
    const g = new Graph();
    const [magnitude, gain, d] = await evaluate(g, [re, im], (a, b) => {
      const c = compress({ re: a, im: b }, 0.3);
      const total = g.emit1('ReduceSum', [c.magnitude], [], { keepdims: { kind: 'int', value: 0 } });
      g.record([c.magnitude], [total], ([t]) => [g.emit1('Expand', [t!, g.ints([3])], [3])]);
      return [c.magnitude, c.re, g.gradients(total, [a])[0]!];
    });
    const silence = 1e-12 ** 0.15;
    expectClose(magnitude, { dims: [3], data: Float64Array.of(silence, silence, 1) }, 1e-5);
    expect([...gain.data].every(Number.isFinite)).toBe(true);
    expect(d.data[0]).toBe(0);
    expect(d.data[1]).toBe(0);
    expect(d.data[2]).toBeCloseTo(0.3, 5);
  });
});
