import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { magma } from '../../../src/audio/plot/colour-map.js';
import { resizeGrid } from '../../../src/audio/plot/resize-grid.js';
import { linearTicks, logTicks, shortNumber } from '../../../src/audio/plot/ticks.js';

describe('the colour map', () => {
  it('grows lighter at every step, from black to pale yellow', () => {
    const light = Array.from({ length: 256 }, (_, i) => {
      const [red, green, blue] = magma.subarray(3 * i, 3 * i + 3);
      return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
    });
    for (let i = 8; i < 256; i += 8) expect(light[i]).toBeGreaterThan(light[i - 8]!);
    expect(light[0]).toBeLessThan(3);
    expect(light[255]).toBeGreaterThan(235);
  });
});

describe('ticks', () => {
  const range = fc
    .tuple(fc.double({ min: -1e6, max: 1e6, noNaN: true }), fc.double({ min: 1e-3, max: 1e6, noNaN: true }))
    .map(([min, width]) => [min, min + width] as const);

  it('stand inside the range at even steps, about as many as wanted', () => {
    fc.assert(
      fc.property(range, fc.integer({ min: 2, max: 12 }), ([min, max], count) => {
        const ticks = linearTicks(min, max, count);
        expect(ticks.length).toBeGreaterThanOrEqual(1);
        expect(ticks.length).toBeLessThanOrEqual(2 * count + 1);
        expect(new Set(ticks.map(({ label }) => label)).size).toBe(ticks.length);
        for (const { value } of ticks) {
          expect(value).toBeGreaterThanOrEqual(min - (max - min) * 1e-6);
          expect(value).toBeLessThanOrEqual(max + (max - min) * 1e-6);
        }
      }),
    );
  });

  it('are written as people write them', () => {
    expect(linearTicks(0, 8, 5).map(({ label }) => label)).toEqual(['0', '2', '4', '6', '8']);
    expect(linearTicks(-0.1, 0.1, 4).map(({ label }) => label)).toEqual([
      '−0.10',
      '−0.05',
      '0.00',
      '0.05',
      '0.10',
    ]);
    expect(logTicks(20, 20000, 9).map(({ label }) => label)).toEqual([
      '20',
      '50',
      '100',
      '200',
      '500',
      '1000',
      '2000',
      '5000',
      '10k',
      '20k',
    ]);
    expect(logTicks(1e-6, 1, 7).map(({ label }) => label)).toEqual([
      '10⁻⁶',
      '10⁻⁵',
      '10⁻⁴',
      '0.001',
      '0.01',
      '0.1',
      '1',
    ]);
    expect(shortNumber(-2.5e6)).toBe('−2.5M');
  });

  it('exist even for a range of nothing', () => {
    expect(linearTicks(3, 3, 5)).toEqual([{ value: 3, label: '3' }]);
  });
});

describe('resizing a picture', () => {
  const size = fc.integer({ min: 1, max: 40 });

  it('keeps a flat picture flat and the mean of one that shrinks', () => {
    fc.assert(
      fc.property(size, size, size, size, (columns, rows, toColumns, toRows) => {
        const flat = resizeGrid(new Float32Array(columns * rows).fill(3), columns, rows, toColumns, toRows);
        expect(flat).toHaveLength(toColumns * toRows);
        for (const value of flat) expect(value).toBeCloseTo(3, 5);
      }),
    );
    const ramp = Float32Array.from({ length: 60 }, (_, i) => i);
    const shrunk = resizeGrid(ramp, 10, 6, 3, 4);
    expect(shrunk.reduce((sum, value) => sum + value, 0) / shrunk.length).toBeCloseTo(29.5, 4);
  });

  it('draws straight lines between cells that grow', () => {
    expect([...resizeGrid(Float32Array.of(0, 4), 2, 1, 4, 1)]).toEqual([0, 1, 3, 4]);
  });
});
