import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Checkpoint } from '../../models/checkpoint.js';
import { readRun } from '../../src/training/run/run-folder.js';
import { writeCorpus } from '../training/data/synthetic-audio.js';
import { jsonError, runDenoise } from './support/run-denoise.js';
import { TINY, TRAINING_TIMEOUT, train, trainUntil, weightsOf } from './support/training.js';

let root: string;
let data: string[];

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'denoise-resume-'));
  const { speech, noise } = writeCorpus(root);
  data = ['--clean', speech, '--noise', noise];
});
afterAll(async () => {
  await rm(root, { recursive: true, force: true });
});

describe('a run of denoise train', { timeout: TRAINING_TIMEOUT }, () => {
  it('twice with one seed gives the same weights to the bit, with another seed others', async () => {
    const results: string[] = [];
    for (const [name, seed] of [
      ['first', 5],
      ['second', 5],
      ['third', 6],
    ]) {
      const run = join(root, `seed-${name}`);
      const finished = await train(...data, ...TINY, '--set', `seed=${seed}`, '--run', run, '--json');
      expect(JSON.parse(finished.stdout.toString())).toMatchObject({
        run,
        finished: true,
        epochs: 2,
        steps: 8,
      });
      results.push(await weightsOf(run));
    }
    expect(results[1]).toBe(results[0]);
    expect(results[2]).not.toBe(results[0]);
  });

  it.each<[NodeJS.Signals, number | null]>([
    ['SIGINT', 130],
    ['SIGKILL', null],
  ])('after %s goes on with --resume and ends where an unbroken run ends', async (signal, code) => {
    const long = [...data, ...TINY, '--set', 'epochs=6', '--set', 'stepsPerEpoch=20'];
    const whole = join(root, 'unbroken');
    if (!existsSync(whole)) await train(...long, '--run', whole);
    const broken = join(root, `broken-${signal}`);
    const stopped = await trainUntil(broken, signal, 45, long);
    expect(stopped.code).toBe(code);
    if (code !== null) expect(stopped.stdout.toString()).toContain(`denoise train --resume ${broken}`);
    const resumed = await train('--resume', broken, '--json');
    expect(JSON.parse(resumed.stdout.toString())).toMatchObject({ finished: true, epochs: 6, steps: 120 });
    expect(await weightsOf(broken)).toBe(await weightsOf(whole));
    const steps = readRun(broken).events.flatMap((event) => (event.kind === 'step' ? [event] : []));
    expect(steps.map(({ step }) => step)).toEqual(Array.from({ length: 120 }, (_, i) => i + 1));

    const again = await train('--resume', broken, '--json');
    expect([again.code, jsonError(again).code]).toEqual([2, 'E_RUN_FINISHED']);
  });

  it('keeps the checkpoint before when the next one cannot be written', async () => {
    const run = join(root, 'full');
    await trainUntil(run, 'SIGINT', 6, [...data, ...TINY, '--set', 'epochs=50']);
    const state = join(run, 'checkpoints/state.bin');
    const before = await readFile(state);
    // A limit on the size of files, in blocks of 1 KiB, below that of a checkpoint.
    const limited = await runDenoise(['train', '--resume', run, '--json'], {
      shell: `trap '' XFSZ; ulimit -f ${Math.floor(before.length / 1024) - 1}`,
    });
    expect([limited.code, jsonError(limited).code]).toEqual([1, 'E_TOO_LARGE']);
    expect(await readFile(state)).toEqual(before);
    expect(await readdir(join(run, 'checkpoints'))).toEqual(['state.bin']);
  });

  it('gives equal files for equal trainings, whatever their folders are called', async () => {
    const [one, other] = [join(root, 'called-this'), join(root, 'called-that')];
    for (const run of [one, other]) await train(...data, ...TINY, '--run', run, '--quiet');
    const [a, b] = await Promise.all([one, other].map((run) => readFile(join(run, 'model.onnx'))));
    expect(a.equals(b)).toBe(true);
    const named = join(root, 'named');
    await train(...data, ...TINY, '--name', 'mine', '--run', named, '--quiet');
    expect(Checkpoint.parse(await readFile(join(named, 'model.onnx'))).info.name).toBe('mine');
  });

  it('refuses to begin a run anew whose checkpoint is gone', async () => {
    const run = join(root, 'gone');
    await trainUntil(run, 'SIGINT', 6, [...data, ...TINY, '--set', 'epochs=50']);
    expect(JSON.parse((await runDenoise(['diagnose', run, '--json'])).stdout.toString()).status).toBe(
      'paused',
    );
    await rm(join(run, 'checkpoints'), { recursive: true });
    const resumed = await train('--resume', run, '--json');
    expect([resumed.code, jsonError(resumed).code]).toEqual([1, 'E_NO_CHECKPOINT']);
  });
});
