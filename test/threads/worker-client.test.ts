import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import { InputError } from '../../src/errors.js';
import type { CallContext } from '../../src/threads/protocol.js';
import { WorkerClient } from '../../src/threads/worker-client.js';

interface ExampleMethods {
  echo(value: unknown): unknown;
  double(samples: Float32Array): Float32Array;
  count(to: number, context: CallContext<number>): number;
  untilAborted(nothing: undefined, context: CallContext<string>): string;
  fail(kind: 'denoise' | 'system' | 'circle' | 'string'): void;
  cannotBeCloned(nothing: undefined): unknown;
  later(milliseconds: number): string;
  crash(nothing: undefined): void;
  exit(nothing: undefined): void;
}

const url = new URL('./example-worker.mjs', import.meta.url);
const started: WorkerClient<ExampleMethods>[] = [];

function start(): WorkerClient<ExampleMethods> {
  const worker = new WorkerClient<ExampleMethods>(url);
  started.push(worker);
  return worker;
}
afterEach(async () => {
  await Promise.all(started.splice(0).map((worker) => worker.stop()));
});

describe('a call', () => {
  it('is answered in order, many at a time', async () => {
    const worker = start();
    const replies = await Promise.all(Array.from({ length: 100 }, (_, n) => worker.call('echo', { n })));
    expect(replies).toEqual(Array.from({ length: 100 }, (_, n) => ({ n })));
  });

  it('hands buffers over, both ways', async () => {
    const samples = Float32Array.of(1, 2, 3);
    const reply = await start().call('double', samples, { transfer: [samples.buffer] });
    expect(samples.byteLength).toBe(0);
    expect([...reply]).toEqual([2, 4, 6]);
  });

  it('tells its progress before it is answered', async () => {
    const seen: number[] = [];
    expect(await start().call('count', 5, { onProgress: (n) => seen.push(n) })).toBe(5);
    expect(seen).toEqual([0, 1, 2, 3, 4]);
  });

  it('hears its signal in the middle of blocking work, and reports its progress from there', async () => {
    const stop = new AbortController();
    const worker = start();
    const reply = worker.call('untilAborted', undefined, {
      signal: stop.signal,
      onProgress: () => stop.abort(),
    });
    expect(await reply).toBe('aborted');
    expect(await worker.call('untilAborted', undefined, { signal: AbortSignal.abort() })).toBe('aborted');
  });

  it('that cannot be cloned fails alone, in either direction', async () => {
    const worker = start();
    const [good, bad, other, unsendable] = await Promise.allSettled([
      worker.call('echo', 1),
      worker.call('echo', () => {}),
      worker.call('echo', 2),
      worker.call('cannotBeCloned', undefined),
    ]);
    expect([good, other]).toEqual([
      { status: 'fulfilled', value: 1 },
      { status: 'fulfilled', value: 2 },
    ]);
    for (const failed of [bad, unsendable])
      expect(failed).toMatchObject({ status: 'rejected', reason: { name: 'DataCloneError' } });
  });
});

describe('an error', () => {
  const thrownBy = (kind: Parameters<ExampleMethods['fail']>[0]): Promise<unknown> =>
    start()
      .call('fail', kind)
      .catch((error: unknown) => error);

  it('of the tree arrives in its class, with code, message, hint and causes', async () => {
    const error = await thrownBy('denoise');
    expect(error).toBeInstanceOf(InputError);
    expect(error).toMatchObject({
      code: 'E_EXAMPLE',
      message: 'It is broken.',
      hint: 'Mend it.',
      exitCode: 1,
      stack: expect.stringContaining('example-worker.mjs'),
      cause: { name: 'RangeError', message: 'too far' },
    });
    const { cause } = (error as InputError).cause as Error;
    expect(cause).toBeInstanceOf(InputError);
    expect(cause).toMatchObject({ code: 'E_DEEP' });
  });

  it('of the system keeps its fields, one in a circle is cut, and what is no error becomes one', async () => {
    expect(await thrownBy('system')).toMatchObject({
      code: 'ENOENT',
      errno: -2,
      syscall: 'open',
      path: '/x',
    });
    expect(await thrownBy('circle')).toMatchObject({
      name: 'TypeError',
      cause: { cause: { message: 'round' } },
    });
    expect(await thrownBy('string')).toMatchObject({ name: 'Error', message: 'a mere string' });
  });
});

describe('the thread', () => {
  it('finishes the call that it is at, and drops those that wait', async () => {
    const worker = start();
    const waiting: Promise<unknown>[] = [];
    await new Promise((begun) => {
      waiting.push(worker.call('untilAborted', undefined, { onProgress: begun }));
    });
    waiting.push(worker.call('later', 1e6));
    const outcomes = Promise.allSettled(waiting);
    // `later` would take a quarter of an hour if it were begun.
    await worker.stop(new InputError('E_DONE', 'Done.'));
    for (const outcome of await outcomes)
      expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'E_DONE' } });
    expect(worker.running).toBe(false);
    await expect(worker.call('echo', 1)).rejects.toMatchObject({ code: 'E_DONE' });
    await worker.stop();
  });

  it.each([
    ['crash', 'out of the blue'],
    ['exit', 'it ended with code 7'],
  ] as const)('that is lost by a %s fails all calls, with the error that was asked for', async (how, why) => {
    const worker = new WorkerClient<ExampleMethods>(url, {
      lost: (reason, cause) => new InputError('E_GONE', `Gone: ${reason}.`, { cause }),
    });
    const calls = await Promise.allSettled([worker.call('later', 1e6), worker.call(how, undefined)]);
    expect(calls[0]).toMatchObject({
      status: 'rejected',
      reason: { code: 'E_GONE', message: `Gone: ${why}.` },
    });
    await worker.exited;
    await expect(worker.call('echo', 1)).rejects.toBeInstanceOf(InputError);
  });

  it('keeps the process alive while a call waits, and no longer', async () => {
    const program = `
      import { WorkerClient } from ${JSON.stringify(new URL('../../dist/src/threads/worker-client.js', import.meta.url))};
      const worker = new WorkerClient(new URL(${JSON.stringify(url)}));
      console.log(await worker.call('later', 20));`;
    const folder = await mkdtemp(join(tmpdir(), 'worker-client-'));
    const path = join(folder, 'program.mjs');
    await writeFile(path, program);
    const { stdout } = await promisify(execFile)(process.execPath, [path]);
    await rm(folder, { recursive: true });
    expect(stdout).toBe('late\n');
  });

  it('refuses to be loaded outside a worker', async () => {
    await expect(import('./example-worker.mjs' as string)).rejects.toMatchObject({ code: 'E_NOT_A_WORKER' });
  });
});
