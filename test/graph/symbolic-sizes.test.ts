import { describe, expect, it } from 'vitest';
import { multiplyDims, SymbolicDim } from '../../src/graph/dim.js';
import { Graph, int } from '../../src/graph/graph.js';
import { broadcastTo } from '../../src/graph/ops/reduce.js';
import { concat, pad, reshape, slice } from '../../src/graph/ops/shape.js';
import { at, fromIndex, sizeOfDims } from '../support/nd-array.js';
import { startGraph } from '../support/run-graph.js';

describe('sizes known only when the graph runs', () => {
  const batch = SymbolicDim.symbol('batch');
  const frames = SymbolicDim.symbol('frames');

  it.each([
    [1, 1],
    [3, 5],
  ])('reshape, slice, pad, concat and broadcast over batch %d and %d frames', async (b, f) => {
    const g = new Graph();
    const x = g.input('x', [batch, multiplyDims(frames, 4)]);
    const sizeAt = (axis: number, divisor: number) => () => {
      const shape = g.emit1('Shape', [x], [2], {}, 'int64');
      const size = g.emit1('Gather', [shape, g.ints([axis])], [1], { axis: int(0) }, 'int64');
      return g.emit1('Div', [size, g.ints([divisor])], [1], {}, 'int64');
    };
    g.bindSymbol(batch, sizeAt(0, 1));
    g.bindSymbol(frames, sizeAt(1, 4));
    const blocks = reshape(x, [batch, frames, 4]);
    const rows = reshape(blocks, [multiplyDims(batch, frames), 2, 2]);
    const both = concat([pad(blocks, 1, 1, 0), pad(blocks, 1, 0, 1)], 2);
    g.output('flat', reshape(rows, [multiplyDims(batch, frames), 4]));
    g.output('pairs', slice(both, 1, 1, both.shape[1]));
    g.output('wide', broadcastTo(reshape(blocks, [batch, frames, 1, 4]), [batch, frames, 3, 4]));
    const running = await startGraph(g);
    const value = fromIndex([b, 4 * f], (i, j) => 100 * i + j);
    const { flat, pairs, wide } = await running.run({ x: value });
    await running.close();
    expect(flat).toEqual({ dims: [b * f, 4], data: value.data });
    expect(pairs).toEqual(
      fromIndex([b, f, 8], (i, j, k) =>
        k < 4 ? at(value, i, 4 * j + k) : j + 1 < f ? at(value, i, 4 * j + k) : 0,
      ),
    );
    expect(wide).toEqual(fromIndex([b, f, 3, 4], (i, j, _, k) => at(value, i, 4 * j + k)));
    expect(sizeOfDims(wide.dims)).toBe(3 * sizeOfDims(value.dims));
  });

  it('says which size is not bound to any input', () => {
    const g = new Graph();
    const x = g.input('x', [SymbolicDim.symbol('lost'), 2]);
    expect(() => broadcastTo(reshape(x, [...x.shape, 1]), [...x.shape, 3])).toThrow(/"lost"/);
  });
});
