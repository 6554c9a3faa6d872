import assert from 'node:assert/strict';
import type { Lease, TrialQueue } from '../queue/trial-queue.js';
import type { Check } from './check.js';

/** A queue to be checked, seen by `workers` workers at the same time. */
export interface QueueBench {
  /** One per worker; all of them are the same queue. */
  workers: TrialQueue[];
  /** Lets time pass until a lease that was not renewed has ended. */
  expire(): Promise<void>;
}

/**
 * Opens an empty queue of its own for every call.
 * @param waits whether the check lets leases end; all others may take longer than such a lease on a busy machine
 */
export type OpenQueue = (workers: number, waits: boolean) => Promise<QueueBench>;

async function leaseAll(queue: TrialQueue): Promise<Lease[]> {
  const leases: Lease[] = [];
  for (let lease = await queue.lease(); lease !== undefined; lease = await queue.lease()) leases.push(lease);
  return leases;
}

const numbers = (leases: readonly Lease[]): number[] => leases.map(({ trial }) => trial);

/** What every {@link TrialQueue} must do. */
export function trialQueueChecks(open: OpenQueue): Check[] {
  const withQueue = async (
    count: number,
    work: (bench: QueueBench) => Promise<void>,
    waits = false,
  ): Promise<void> => {
    const bench = await open(count, waits);
    try {
      await work(bench);
    } finally {
      for (const queue of bench.workers) await queue.close();
    }
  };
  return [
    {
      name: 'hands out each trial once, in the order of the queue',
      run: () =>
        withQueue(1, async ({ workers: [queue] }) => {
          assert.equal(await queue.lease(), undefined);
          for (const trial of [3, 0, 7]) await queue.enqueue(trial);
          assert.deepEqual(numbers(await leaseAll(queue)), [3, 0, 7]);
        }),
    },
    {
      name: 'takes a trial once while it waits or is leased, and again after it is complete',
      run: () =>
        withQueue(1, async ({ workers: [queue] }) => {
          await queue.enqueue(1);
          await queue.enqueue(1);
          const leases = await leaseAll(queue);
          assert.deepEqual(numbers(leases), [1]);
          await queue.enqueue(1);
          assert.equal(await queue.lease(), undefined);
          await queue.complete(leases[0]);
          assert.equal(await queue.lease(), undefined);
          await queue.enqueue(1);
          assert.deepEqual(numbers(await leaseAll(queue)), [1]);
        }),
    },
    {
      name: 'hands out a trial again that was given back',
      run: () =>
        withQueue(2, async ({ workers: [one, other] }) => {
          await one.enqueue(5);
          await one.fail((await one.lease())!);
          assert.deepEqual(numbers(await leaseAll(other)), [5]);
        }),
    },
    {
      name: 'hands out a trial again whose lease has ended, and only then',
      run: () =>
        withQueue(
          2,
          async ({ workers: [frozen, other], expire }) => {
            await frozen.enqueue(2);
            const lost = (await frozen.lease())!;
            assert.equal(await other.lease(), undefined);
            await expire();
            const taken = (await other.lease())!;
            assert.equal(taken?.trial, 2);
            assert.equal(await frozen.heartbeat(lost), false, 'the first lease is lost');
            await frozen.complete(lost);
            await frozen.fail(lost);
            assert.equal(await other.heartbeat(taken), true, 'the second one is not');
            assert.equal(await other.lease(), undefined);
            await other.complete(taken);
          },
          true,
        ),
    },
    {
      name: 'keeps a lease that is renewed',
      run: () =>
        withQueue(
          2,
          async ({ workers: [busy, other], expire }) => {
            await busy.enqueue(4);
            const lease = (await busy.lease())!;
            const beat = setInterval(() => void busy.heartbeat(lease), busy.heartbeatMs);
            try {
              assert.equal(await busy.heartbeat(lease), true);
              await expire();
              // A clock that is moved by hand gives the timer no turn.
              if ((await busy.heartbeat(lease)) === false) return;
              assert.equal(await other.lease(), undefined);
            } finally {
              clearInterval(beat);
            }
          },
          true,
        ),
    },
    {
      name: 'gives each of many trials to one of many workers',
      run: () =>
        withQueue(4, async ({ workers }) => {
          await Promise.all(Array.from({ length: 40 }, (_, trial) => workers[trial % 4].enqueue(trial)));
          const taken = (await Promise.all(workers.map(leaseAll))).flat();
          assert.deepEqual(
            numbers(taken).sort((a, b) => a - b),
            Array.from({ length: 40 }, (_, trial) => trial),
          );
        }),
    },
  ];
}
