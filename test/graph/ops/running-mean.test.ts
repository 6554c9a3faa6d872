import { expect, it } from 'vitest';
import { Graph } from '../../../src/graph/graph.js';
import { runningMean } from '../../../src/graph/ops/running-mean.js';
import { randomArray } from '../../support/nd-array.js';
import { evaluate } from '../../support/run-graph.js';

it.each(['kernel', 'matrix'] as const)('forgets exponentially, row by row, as %s', async (layout) => {
  const [rows, time, memory] = [3, 7, 0.8];
  const x = randomArray([rows, time], 1);
  const before = randomArray([rows, 1], 2);
  const [means, last] = await evaluate(new Graph(), [x, before], (gx, gb) => {
    const result = runningMean(gx, gb, memory, layout);
    return [result.means, result.last];
  });
  for (let row = 0; row < rows; row++) {
    let y = before.data[row];
    for (let t = 0; t < time; t++) {
      y = memory * y + (1 - memory) * x.data[row * time + t];
      expect(means.data[row * time + t]).toBeCloseTo(y, 5);
    }
    expect(last.data[row]).toBeCloseTo(y, 5);
  }
});
