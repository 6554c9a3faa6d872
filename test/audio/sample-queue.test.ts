import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SampleQueue } from '../../src/audio/sample-queue.js';

describe('the sample queue', () => {
  const step = fc.oneof(
    fc.record({ push: fc.integer({ min: 0, max: 3000 }) }),
    fc.record({ take: fc.integer({ min: 0, max: 3000 }) }),
    fc.record({ drop: fc.integer({ min: 0, max: 3000 }) }),
    fc.record({ peek: fc.integer({ min: 0, max: 3000 }), from: fc.integer({ min: 0, max: 3000 }) }),
    fc.constant({ clear: true as const }),
  );

  it('behaves as an array from which the oldest are taken', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const queue = new SampleQueue();
        let model: number[] = [];
        let next = 0;
        for (const action of steps) {
          if ('push' in action) {
            const samples = Float32Array.from({ length: action.push }, () => next++);
            queue.push(samples);
            model.push(...samples);
            samples.fill(-1);
          } else if ('take' in action) {
            expect([...queue.take(action.take)]).toEqual(model.splice(0, action.take));
          } else if ('drop' in action) {
            queue.drop(action.drop);
            model.splice(0, action.drop);
          } else if ('peek' in action) {
            expect([...queue.peek(action.peek, action.from)]).toEqual(
              model.slice(action.from, action.from + action.peek),
            );
          } else {
            queue.clear();
            model = [];
          }
          expect(queue.length).toBe(model.length);
          if (model.length > 0) expect(queue.at(model.length - 1)).toBe(model.at(-1));
        }
      }),
    );
  });
});
