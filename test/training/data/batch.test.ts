import { describe, expect, it } from 'vitest';
import { Random } from '../../../src/random.js';
import { createExampleSource, mixBatch } from '../../../src/training/data/batch.js';
import { ClipStore } from '../../../src/training/data/library.js';

const RATE = 16_000;

function library(seed: number) {
  const random = new Random(seed);
  const store = new ClipStore(RATE);
  store.add(
    'a.wav',
    Float32Array.from({ length: 3 * RATE }, () => 0.1 * random.normal()),
  );
  return store.library;
}

const mixed = (noise: number, seed: number) => ({
  speech: library(1),
  noise: library(noise),
  samples: 4096,
  seed,
});

/** Which part each of the first examples comes from. */
function drawn(share: number, count: number): number[] {
  const [one, other] = [mixed(2, 1), mixed(3, 2)];
  const parts = [
    { share, examples: one },
    { share: 1 - share, examples: other },
  ];
  const blend = createExampleSource({ parts, samples: 4096, seed: 7 });
  const alone = createExampleSource(one);
  const [noisy, clean, wanted] = [0, 0, 0].map(() => new Float32Array(4096));
  return Array.from({ length: count }, (_, i) => {
    blend.example(i, noisy, clean);
    alone.example(i, wanted, clean);
    return noisy.every((value, n) => value === wanted[n]) ? 0 : 1;
  });
}

describe('a blend of examples', () => {
  it('draws its parts by their shares, the same every time', () => {
    const parts = drawn(0.4, 100);
    expect(parts.filter((part) => part === 0).length).toBeGreaterThan(25);
    expect(parts.filter((part) => part === 0).length).toBeLessThan(55);
    expect(drawn(0.4, 100)).toEqual(parts);
  });

  it('is one part alone where the other has no share', () => {
    expect(new Set(drawn(1, 20))).toEqual(new Set([0]));
    expect(new Set(drawn(0, 20))).toEqual(new Set([1]));
  });

  it('mixes whole batches', () => {
    const source = createExampleSource({
      parts: [{ share: 1, examples: mixed(2, 1) }],
      samples: 4096,
      seed: 7,
    });
    expect(mixBatch(source, 3, 2, 4096).noisy).toHaveLength(8192);
  });
});
