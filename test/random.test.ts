import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hashText, Random } from '../src/random.js';

const draw = (random: Random, count: number) => Array.from({ length: count }, () => random.next());

describe('Random', () => {
  it('gives the same numbers on every machine', () => {
    const random = new Random(1, 2, 3);
    expect([random.uint32(), random.uint32(), random.uint32()]).toMatchInlineSnapshot(`
      [
        590898171,
        2446516511,
        1932204760,
      ]
    `);
  });

  it('gives unrelated sequences to neighbouring seeds and streams', () => {
    const sequences = [
      new Random(0),
      new Random(1),
      new Random(0, 0),
      new Random(0, 1),
      new Random(1, 0),
      new Random(-1),
    ];
    const drawn = sequences.map((random) => draw(random, 2000));
    for (let a = 0; a < drawn.length; a++) {
      for (let b = 0; b < a; b++) {
        // Correlation of independent uniform values: deviation 1/√2000 = 0.022.
        const sum = drawn[a].reduce((total, x, i) => total + (x - 0.5) * (drawn[b][i] - 0.5), 0);
        expect(Math.abs((12 * sum) / 2000)).toBeLessThan(0.1);
      }
    }
  });

  it('tells apart seeds beyond 32 bits', () => {
    expect(draw(new Random(2 ** 40), 4)).not.toEqual(draw(new Random(2 ** 41), 4));
  });

  it('keeps to its ranges', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1, max: 2 ** 32 }), (seed, count) => {
        const random = new Random(seed);
        const value = random.integer(count);
        const real = random.uniform(-3, 5);
        return Number.isInteger(value) && value >= 0 && value < count && real >= -3 && real < 5;
      }),
    );
  });

  it('is uniform and normal in mean, variance and tails', () => {
    const random = new Random(4);
    const count = 50_000;
    const moments = (values: number[]) => {
      const mean = values.reduce((a, b) => a + b) / count;
      return { mean, variance: values.reduce((a, b) => a + (b - mean) ** 2, 0) / count };
    };
    const uniform = moments(draw(random, count));
    expect(uniform.mean).toBeCloseTo(0.5, 2);
    expect(uniform.variance).toBeCloseTo(1 / 12, 2);
    const normals = Array.from({ length: count }, () => random.normal());
    expect(moments(normals).mean).toBeCloseTo(0, 1);
    expect(moments(normals).variance).toBeCloseTo(1, 1);
    expect(normals.filter((x) => Math.abs(x) > 1.96).length / count).toBeCloseTo(0.05, 2);
  });
});

describe('hashText', () => {
  it('spreads similar names over all of its range, anew for each seed', () => {
    const shares = [1, 2].map((seed) => {
      const hashes = Array.from({ length: 1000 }, (_, i) => hashText(`speaker${i}`, seed) / 2 ** 32);
      return hashes.map((h) => h < 0.2);
    });
    for (const share of shares) {
      expect(share.filter(Boolean).length).toBeGreaterThan(150);
      expect(share.filter(Boolean).length).toBeLessThan(250);
    }
    expect(shares[0].filter((held, i) => held && shares[1][i]).length).toBeLessThan(80);
  });
});
