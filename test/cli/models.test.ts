import { execFileSync } from 'node:child_process';
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { type Finished, jsonError, runDenoise } from './support/run-denoise.js';
import { noisyTone } from './support/sounds.js';
import { wavBytes } from './support/wav-bytes.js';
import { useWorkspace } from './support/workspace.js';

const work = useWorkspace();

/** Runs the program with a data folder of this test. */
const run = (...args: string[]): Promise<Finished> =>
  runDenoise(args, { spawn: { env: { ...process.env, DENOISE_DATA: work.at('data') } } });

async function json(...args: string[]): Promise<Record<string, unknown>> {
  const { code, stdout, stderr } = await run(...args, '--json');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout.toString());
}

describe('denoise models', () => {
  it('shows what a checkpoint says about itself, as a table', async () => {
    expect(await json('models', 'show', work.model)).toMatchObject({
      name: 'half',
      role: 'file',
      family: 'half-gain',
      sampleRate: 16_000,
      hop: 160,
      latencySamples: 160,
      latencyMs: 10,
      hash: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    const lines = (await run('models', 'show', work.model)).stdout.toString().trimEnd().split('\n');
    expect(lines).toContainEqual(expect.stringMatching(/^latency +160 samples, 10 ms$/));
    expect(new Set(lines.map((line) => /^\S+(?: \S+)* {2,}/.exec(line)?.[0].length)).size).toBe(1);
  });

  it('lists the shipped ones, and who serves what', async () => {
    const { models, uses } = await json('models', 'list');
    expect(models).toContainEqual(expect.objectContaining({ name: 'base', serves: ['speech champion'] }));
    expect(models).toContainEqual(expect.objectContaining({ name: 'radio', serves: ['radio champion'] }));
    expect(uses).toMatchObject({ speech: { champion: null }, radio: { champion: null } });
  });

  it('keeps a model, lets it serve, goes back, and forgets it', async () => {
    await mkdir(work.at('run'));
    await copyFile(work.model, work.at('run', 'model.onnx'));
    await writeFile(work.at('talk.wav'), wavBytes([noisyTone(0.3)]));
    const version = (await json('models', 'import', work.at('run'))).version as string;
    expect((await run('models', 'promote', version.slice(0, 5))).code).toBe(2);
    const nominated = await run(
      'models',
      'promote',
      version.slice(0, 8),
      '--as',
      'candidate',
      '--use',
      'radio',
    );
    expect(nominated.stdout.toString()).toContain('is the candidate of radio');
    expect((await run('models', 'promote', 'radio/candidate', '--use', 'radio')).code).toBe(0);
    expect(await json('models', 'promote', version)).toMatchObject({ use: 'speech', champion: version });
    const used = await json(work.at('talk.wav'));
    expect(used.model).toMatchObject({ name: 'half', role: 'champion', hash: version });
    expect((await run(work.at('talk.wav'))).stdout.toString()).toContain('model half (champion) on cpu');
    expect((await run('models', 'list')).stdout.toString()).toMatch(/half .*speech champion, radio champion/);
    expect((await run('models', 'remove', version)).code).toBe(2);
    expect(await json('models', 'rollback')).toMatchObject({ champion: null });
    expect(jsonError(await run('models', 'rollback', '--json')).code).toBe('E_NO_ROLLBACK');
    await json('models', 'rollback', '--use', 'radio');
    expect((await run('models', 'export', version.slice(0, 6), work.at('out.onnx'))).code).toBe(0);
    expect(await readFile(work.at('out.onnx'))).toEqual(await readFile(work.model));
    expect((await run('models', 'export', 'base', work.at('out.onnx'))).code).toBe(1);
    expect((await run('models', 'remove', version.slice(0, 6))).code).toBe(0);
    expect((await json('models', 'list')).models).toHaveLength(2);
  });

  it('says when there is no such model, and when a command is incomplete', async () => {
    const missing = await run('models', 'show', 'nothing', '--json');
    expect(missing.code).toBe(1);
    expect(jsonError(missing).code).toBe('E_NO_MODEL');
    const incomplete = await run('models');
    expect(incomplete.code).toBe(2);
    expect(incomplete.stderr).toMatch(/^Usage: denoise models/);
  });

  it.skipIf(process.platform === 'win32')(
    'reads no device to its end, and a pipe until it is told to stop',
    async () => {
      expect(jsonError(await run('models', 'show', '/dev/zero', '--json')).code).toMatch(
        /E_TOO_LARGE|CORRUPT/,
      );
      execFileSync('mkfifo', [work.at('pipe')]);
      await writeFile(work.at('talk.wav'), wavBytes([noisyTone(0.3)]));
      const stopped = await runDenoise([work.at('talk.wav'), '-m', work.at('pipe')], {
        started: (child) => setTimeout(() => child.kill('SIGTERM'), 3000),
      });
      expect(stopped.code).toBe(143);
    },
  );
});
