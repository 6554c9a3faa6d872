import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type HopRunner, HopScheduler, type RunPart } from '../../src/engine/hop-scheduler.js';

const HOP = 4;

/** Adds up what each row has heard, so that order and isolation show in the samples; keeps a diary of its runs. */
class SummingRunner implements HopRunner {
  readonly hop = HOP;
  readonly mostHops = 3;
  readonly sums = new Map<number, number>();
  /** Rows and hops of every run. */
  readonly runs: { rows: number[]; hops: number }[] = [];

  constructor(readonly batchSizes: readonly number[] = [1, 2, 4]) {}

  async run(parts: readonly RunPart[]): Promise<(Error | undefined)[]> {
    this.runs.push({ rows: parts.map(({ row }) => row), hops: parts[0].input.length / HOP });
    await new Promise(setImmediate);
    return parts.map(({ row, input, output }) => {
      for (let i = 0; i < input.length; i++) {
        const sum = (this.sums.get(row) ?? 0) + input[i];
        this.sums.set(row, sum);
        if (output !== undefined) output[i] = sum;
      }
      return input.includes(-1) ? new Error('it is broken') : undefined;
    });
  }
}

function open(streams: number, runner = new SummingRunner()) {
  const scheduler = new HopScheduler(runner);
  for (let id = 0; id < streams; id++) scheduler.open(id, id);
  return { scheduler, runner };
}

const ones = (hops: number): Float32Array => new Float32Array(hops * HOP).fill(1);
const runningSum = (from: number, hops: number): number[] =>
  Array.from({ length: hops * HOP }, (_, i) => from + i + 1);

describe('HopScheduler', () => {
  it('runs hops together that are ready together, in the largest batches that they fill', async () => {
    const { scheduler, runner } = open(7);
    await Promise.all(Array.from({ length: 7 }, (_, id) => scheduler.run(id, ones(1), true)));
    expect(runner.runs.map(({ rows }) => rows)).toEqual([
      [0, 1, 2, 3],
      [4, 5, 6],
    ]);
  });

  it('fills a batch up where it is nearly full, and no emptier one', async () => {
    const { scheduler, runner } = open(5, new SummingRunner([1, 2, 4, 8]));
    await Promise.all(Array.from({ length: 5 }, (_, id) => scheduler.run(id, ones(1), true)));
    expect(runner.runs.map(({ rows }) => rows)).toEqual([[0, 1, 2, 3], [4]]);
  });

  it('cuts long audio into hops where that is asked for, and takes the hops of others with them', async () => {
    const { scheduler, runner } = open(2);
    const results = await Promise.all([
      scheduler.run(0, ones(3), true, true),
      scheduler.run(1, ones(2), true, true),
    ]);
    expect(runner.runs.map(({ rows }) => rows)).toEqual([[0, 1], [0, 1], [0]]);
    expect(results.map(({ clean }) => [...clean])).toEqual([runningSum(0, 3), runningSum(0, 2)]);
  });

  it('never puts two hops of one stream into one batch, and keeps their order', async () => {
    const { scheduler, runner } = open(2);
    const results = await Promise.all([0, 0, 0, 1].map((id) => scheduler.run(id, ones(1), true)));
    expect(runner.runs.map(({ rows }) => rows)).toEqual([[0, 1], [0], [0]]);
    expect(results.slice(0, 3).flatMap(({ clean }) => [...clean])).toEqual(runningSum(0, 3));
  });

  it('lets a live hop wait for no more than one piece of a file, and the file go on', async () => {
    const { scheduler, runner } = open(3);
    const file = scheduler.run(0, ones(9), true);
    await new Promise(setImmediate);
    for (let n = 0; n < 5; n++)
      await Promise.all([scheduler.run(1, ones(1), true), scheduler.run(2, ones(1), true)]);
    expect([...(await file).clean]).toEqual(runningSum(0, 9));
    const kinds = runner.runs.map(({ hops }) => (hops > 1 ? 'file' : 'live'));
    expect(kinds.join(' ')).not.toMatch(/file file.* live/);
    expect(kinds.filter((kind) => kind === 'file')).toHaveLength(3);
  });

  it('gives files their turns', async () => {
    const { scheduler, runner } = open(2);
    await Promise.all([scheduler.run(0, ones(9), true), scheduler.run(1, ones(6), false)]);
    expect(runner.runs.map(({ rows }) => rows[0])).toEqual([0, 1, 0, 1, 0]);
    expect(runner.sums.get(1)).toBe(6 * HOP);
  });

  it('gives every stream what it would get alone, whatever else runs and in what order', async () => {
    const jobs = fc.array(fc.tuple(fc.nat(4), fc.integer({ min: 1, max: 8 }), fc.boolean()), {
      maxLength: 40,
    });
    await fc.assert(
      fc.asyncProperty(jobs, async (list) => {
        const { scheduler } = open(5);
        const heard = [0, 0, 0, 0, 0];
        const results = list.map(async ([id, hops, wait]) => {
          const before = heard[id];
          heard[id] += hops * HOP;
          const result = scheduler.run(id, ones(hops), true);
          if (wait) await new Promise(setImmediate);
          expect([...(await result).clean]).toEqual(runningSum(before, hops));
        });
        await Promise.all(results);
      }),
    );
  });

  it('makes changes of a state between the audio before and the audio after', async () => {
    const { scheduler, runner } = open(1);
    const first = scheduler.run(0, ones(2), true);
    scheduler.whenDone(0, (row) => runner.sums.set(row, 100));
    const second = scheduler.run(0, ones(1), true);
    expect([...(await first).clean]).toEqual(runningSum(0, 2));
    expect([...(await second).clean]).toEqual(runningSum(100, 1));
  });

  it('fails one stream of a batch without the others, and goes on with the failed one', async () => {
    const { scheduler } = open(2);
    const outcomes = await Promise.allSettled([
      scheduler.run(0, new Float32Array(HOP).fill(-1), true),
      scheduler.run(1, ones(1), true),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
    expect([...(await scheduler.run(0, ones(1), true)).clean]).toEqual(runningSum(-HOP, 1));
  });

  it('frees a row when the audio of its stream is done, and knows it no more', async () => {
    const { scheduler } = open(1);
    const events: string[] = [];
    const job = scheduler.run(0, ones(5), true).then(() => events.push('done'));
    scheduler.close(0, (row) => events.push(`free ${row}`));
    expect(events).toEqual([]);
    await job;
    expect(events.sort()).toEqual(['done', 'free 0']);
    expect(() => scheduler.run(0, ones(1), true)).toThrow('stream 0 is closed');
  });

  it('gives up what waits when it is stopped', async () => {
    const { scheduler, runner } = open(3);
    const outcomes = Promise.allSettled([
      scheduler.run(0, ones(60), true),
      scheduler.run(0, ones(1), true),
      scheduler.run(1, ones(60), true),
      scheduler.run(2, ones(1), true),
    ]);
    await new Promise(setImmediate);
    scheduler.stop(new Error('stopped'));
    expect((await outcomes).map(({ status }) => status)).toEqual([
      'rejected',
      'rejected',
      'rejected',
      'fulfilled',
    ]);
    expect(runner.runs).toHaveLength(1);
    await expect(scheduler.run(0, ones(1), true)).rejects.toThrow('stopped');
  });
});
