import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openRecordings } from '../../../src/training/data/open-recordings.js';
import { libraryOf, pairsOf, type RecordingsSource } from '../../../src/training/data/recordings.js';
import { whiteNoise, writeWav } from './synthetic-audio.js';

let root: string;
let source: RecordingsSource;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'denoise-recordings-'));
  for (let i = 0; i < 3; i++) writeWav(join(root, `${i}.wav`), [whiteNoise(0.5, i)], 16_000);
  source = { kind: 'clips', folder: root, sampleRate: 16_000 };
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

describe('recordings', () => {
  it('are decoded once for all who have them open, also while they are being read', async () => {
    const progress: number[] = [];
    const handles = await Promise.all([
      openRecordings(source, { onProgress: (done) => progress.push(done) }),
      openRecordings(source),
    ]);
    handles.push(await openRecordings({ ...source }));
    expect(new Set(handles.map(({ recordings }) => recordings)).size).toBe(1);
    expect(progress).toEqual([1, 2, 3]);
    for (const handle of handles) handle.release();
  });

  it('are let go when the last user gives them back, and read anew after that', async () => {
    const [first, second] = [await openRecordings(source), await openRecordings(source)];
    first.release();
    first.release();
    const third = await openRecordings(source);
    expect(third.recordings).toBe(second.recordings);
    second.release();
    third.release();
    const later = await openRecordings(source);
    expect(later.recordings).not.toBe(second.recordings);
    expect(later.recordings.report).toEqual(second.recordings.report);
    later.release();
  });

  it('are other ones at another rate, and after the folder changed', async () => {
    const before = await openRecordings(source);
    const slower = await openRecordings({ kind: 'clips', folder: root, sampleRate: 8000 });
    expect(libraryOf(slower.recordings).sampleRate).toBe(8000);
    writeWav(join(root, 'new.wav'), [whiteNoise(0.5, 9)], 16_000);
    const after = await openRecordings(source);
    expect(libraryOf(before.recordings).clips).toHaveLength(3);
    expect(libraryOf(after.recordings).clips).toHaveLength(4);
    for (const handle of [before, slower, after]) handle.release();
  });

  it('lie in memory that threads share', async () => {
    const handle = await openRecordings(source);
    const [block] = libraryOf(handle.recordings).blocks;
    const code = `const { workerData, parentPort } = require('node:worker_threads');
      new Int16Array(workerData)[0] = 12345;
      parentPort.postMessage('written');`;
    const worker = new Worker(code, { eval: true, workerData: block });
    await new Promise((resolve) => worker.once('message', resolve));
    await worker.terminate();
    expect(new Int16Array(block)[0]).toBe(12345);
    handle.release();
  });

  it('end with the reason of the signal for who leaves, and are read on for who stays', async () => {
    const controller = new AbortController();
    const leaving = openRecordings(source, { signal: controller.signal });
    const staying = openRecordings(source);
    controller.abort(new Error('enough'));
    await expect(leaving).rejects.toThrow('enough');
    const handle = await staying;
    expect(libraryOf(handle.recordings).clips).toHaveLength(3);
    handle.release();
  });

  it('that are pairs come as pairs; what is not there is told, each time', async () => {
    const pairs = await openRecordings({ kind: 'pairs', noisy: root, clean: root, sampleRate: 16_000 });
    expect(pairsOf(pairs.recordings).noisy.clips).toHaveLength(3);
    expect(() => libraryOf(pairs.recordings)).toThrow(/Pairs were given/);
    pairs.release();
    for (let i = 0; i < 2; i++)
      await expect(
        openRecordings({ kind: 'clips', folder: join(root, 'absent'), sampleRate: 16_000 }),
      ).rejects.toMatchObject({ code: 'E_NOT_FOUND' });
  });
});
