import type { Trainable } from './trainable.js';
import type { StepEvent } from './training-events.js';

/** What a stretch of training took: a step's or an epoch's. */
export type Cost = Pick<StepEvent, 'seconds' | 'rssMB' | 'loaderShare'>;

/** Begins to measure; the function returned gives the cost from then until it is called. */
export function measureCost(task: Pick<Trainable, 'waitedMs'>): () => Cost {
  const waitedMs = (): number => task.waitedMs?.() ?? 0;
  const startedAt = performance.now();
  const waitedBefore = waitedMs();
  return () => {
    const milliseconds = performance.now() - startedAt;
    return {
      seconds: milliseconds / 1000,
      rssMB: process.memoryUsage.rss() / 1e6,
      loaderShare: (waitedMs() - waitedBefore) / milliseconds,
    };
  };
}
