import { describe, expect, it } from 'vitest';
import { DOT_STEP, DotProducts } from '../../src/audio/dot-products.js';

describe('DotProducts', () => {
  const products = new DotProducts(40_000);
  for (let n = 0; n < 40_000; n++) products.memory[n] = Math.sin(n * 1.7) * ((n % 13) - 6);

  it.each([
    [0, 100, DOT_STEP],
    [3, 7, 16],
    [11, 30_001, 584],
    [39_000, 5, 1000],
    [17, 17, 9992],
  ])('from %i and %i over %i products is what JavaScript makes of it', (a, b, length) => {
    let sum = 0;
    let size = 0;
    for (let k = 0; k < length; k++) {
      const product = products.memory[a + k] * products.memory[b + k];
      sum += product;
      size += Math.abs(product);
    }
    expect(Math.abs(products.dot(a, b, length) - sum)).toBeLessThan(1e-6 * size);
  });
});
