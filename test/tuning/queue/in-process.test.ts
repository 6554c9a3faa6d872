import { describe, it } from 'vitest';
import { InProcessQueue } from '../../../src/tuning/queue/in-process.js';
import { trialQueueChecks } from '../../../src/tuning/testing/trial-queue.js';

describe('the queue of one process', () => {
  const open = async (workers: number) => {
    let now = 0;
    const queue = new InProcessQueue({ now: () => now });
    return {
      workers: Array.from({ length: workers }, () => queue),
      expire: async () => {
        now += 30_000;
      },
    };
  };
  for (const check of trialQueueChecks(open)) it(check.name, check.run);
});
