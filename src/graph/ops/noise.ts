/**
 * Random numbers inside a graph, from a seed that is fed in: ONNX's own generators keep hidden state in the session, so a
 * resumed training could not repeat them. Each number is a hash of its index, its site and the seed.
 */
import type { Tensor } from '../graph.js';
import { add, mul, offset, scale, sqrt, sub } from './elementwise.js';
import { reshape } from './shape.js';

/**
 * Uniform numbers in [0, 1). Three rounds of `frac(x·(x + 33.33)·…)` after D. Hoskins' "hash without sine" (2014, MIT),
 * chosen because it uses only products and `Floor`, which every device rounds alike.
 * @param seed scalar `[]`, an integer below 2^20
 */
export function uniformNoise(seed: Tensor, site: number, shape: readonly number[]): Tensor {
  const g = seed.graph;
  const size = shape.reduce((product, dim) => product * dim, 1);
  return g.withoutRecording(() => {
    const fraction = (x: Tensor): Tensor => g.emit1('Sub', [x, g.emit1('Floor', [x], x.shape)], x.shape);
    // Two low-discrepancy coordinates per index keep float32 exact where the index itself would lose its low bits.
    const coordinate = (name: string, step: number): Tensor =>
      g.table(`noise ${name} ${size}`, [size], () =>
        Float64Array.from({ length: size }, (_, i) => (i * step) % 1),
      );
    // The seed in two digits: a million times a phase leaves four bits of its fraction, and steps would repeat each other.
    const high = g.emit1('Floor', [scale(seed, 1 / 1024)], []);
    const low = sub(seed, scale(high, 1024));
    const turn = (phase: number): Tensor =>
      fraction(offset(add(scale(low, phase), scale(high, (phase * 1024) % 1)), (site * phase * 7.31) % 1));
    const a = fraction(add(coordinate('a', 0.754877666246693), turn(0.569840290998053)));
    const b = fraction(add(coordinate('b', 0.618033988749895), turn(0.819172513396165)));
    let x = a;
    let y = b;
    for (let round = 0; round < 3; round++) {
      const mixed = mul(offset(scale(x, 11.7), 1.37), offset(scale(y, 173.3), 19.19));
      [x, y] = [y, fraction(add(mixed, scale(x, 57.31)))];
    }
    return reshape(y, shape);
  });
}

/** Mask for inverted dropout: 0 with probability `p`, else 1/(1 − p). */
export function dropoutMask(seed: Tensor, site: number, shape: readonly number[], p: number): Tensor {
  const g = seed.graph;
  const u = uniformNoise(seed, site, shape);
  return g.withoutRecording(() => {
    const kept = g.emit1('GreaterOrEqual', [u, g.scalar(p)], shape, {}, 'bool');
    const mask = g.emit1('Cast', [kept], shape, {
      to: { kind: 'int', value: g.float === 'float32' ? 1 : 11 },
    });
    return scale(mask, 1 / (1 - p));
  });
}

/** Gaussian numbers of deviation 1 (Box & Muller 1958). */
export function gaussianNoise(seed: Tensor, site: number, shape: readonly number[]): Tensor {
  const g = seed.graph;
  const u = uniformNoise(seed, site, shape);
  const v = uniformNoise(seed, site + 0.5, shape);
  return g.withoutRecording(() => {
    const radius = sqrt(scale(g.emit1('Log', [offset(scale(u, 1 - 1e-6), 1e-7)], shape), -2));
    return mul(radius, g.emit1('Cos', [scale(v, 2 * Math.PI)], shape));
  });
}
