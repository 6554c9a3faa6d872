import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { endlessModel } from './support/endless-model.js';
import { jsonError, type RunOptions, runDenoise } from './support/run-denoise.js';
import { noisyTone } from './support/sounds.js';
import { wavBytes } from './support/wav-bytes.js';
import { useWorkspace } from './support/workspace.js';

/** Longer than any machine takes before the test stops it. */
const LONG_MINUTES = 120;

/** Writes a long recording: a minute of sound, then silence, which takes no place on the disk. */
async function writeLongRecording(path: string): Promise<void> {
  const minute = wavBytes([noisyTone(60)]).subarray(44);
  const dataBytes = minute.length * LONG_MINUTES;
  const header = wavBytes([], { lie: { channels: 1, dataBytes } }).subarray(0, 44);
  header.writeUInt16LE(2, 32);
  await writeFile(path, Buffer.concat([header, minute]));
  await truncate(path, header.length + dataBytes);
}

/** Resolves when the program has begun to write something into `folder`. */
async function untilWriting(folder: string, known: number): Promise<void> {
  while ((await readdir(folder)).length <= known) await new Promise((resolve) => setTimeout(resolve, 20));
}

const work = useWorkspace();

describe('denoise, stopped in the middle', () => {
  it.each<[NodeJS.Signals, number]>([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ])(
    '%s: exit %i, no half-written output, no temporary file, the earlier result intact',
    async (signal, code) => {
      await writeLongRecording(work.at('long.wav'));
      await writeFile(work.at('long.denoised.wav'), 'earlier result');
      const stop: RunOptions = {
        started: (child) => void untilWriting(work.folder, 2).then(() => child.kill(signal)),
      };
      const finished = await runDenoise([work.at('long.wav'), '--force', '--model', work.model], stop);
      expect(finished).toMatchObject({ code, stderr: '' });
      expect((await readdir(work.folder)).sort()).toEqual(['long.denoised.wav', 'long.wav']);
      expect(await readFile(work.at('long.denoised.wav'), 'utf8')).toBe('earlier result');
    },
  );

  it('ends at the second Ctrl-C although the model never gives its thread back, and leaves nothing behind', async () => {
    await writeFile(work.at('talk.wav'), wavBytes([noisyTone(1)]));
    await writeFile(work.at('endless.onnx'), endlessModel());
    const before = (await readdir(work.folder)).sort();
    let timer: NodeJS.Timeout | undefined;
    const finished = await runDenoise([work.at('talk.wav'), '--model', work.at('endless.onnx')], {
      started: (child) => {
        void untilWriting(work.folder, before.length).then(() => {
          // Two that come at once are one to the system.
          timer = setInterval(() => child.kill('SIGINT'), 100);
        });
      },
    });
    clearInterval(timer);
    // Ended by the signal itself, not by an exit of its own.
    expect(finished).toMatchObject({ code: null, stderr: '' });
    expect((await readdir(work.folder)).sort()).toEqual(before);
  });

  it('kill -9: what it leaves behind goes with the next run, and nothing else does', async () => {
    await writeLongRecording(work.at('long.wav'));
    const killed = await runDenoise([work.at('long.wav'), '-o', work.at('x.wav'), '--model', work.model], {
      started: (child) => void untilWriting(work.folder, 1).then(() => child.kill('SIGKILL')),
    });
    expect(killed.code).toBe(null);
    expect((await readdir(work.folder)).filter((name) => name.endsWith('.tmp'))).toHaveLength(1);
    const others = [`.x.wav.0000-1-abcdef.tmp`, '.x.wav.notes.tmp', '.y.wav.tmp'];
    for (const name of others) await writeFile(work.at(name), 'of somebody else');
    await writeFile(work.at('long.wav'), wavBytes([noisyTone(1)]));
    const { code } = await runDenoise([
      work.at('long.wav'),
      '-o',
      work.at('x.wav'),
      '--quiet',
      '--model',
      work.model,
    ]);
    expect(code).toBe(0);
    expect((await readdir(work.folder)).sort()).toEqual([...others, 'long.wav', 'x.wav'].sort());
  });

  it('two at once to one output do not remove each other`s work', async () => {
    await writeFile(work.at('a.wav'), wavBytes([noisyTone(20)]));
    const args = [work.at('a.wav'), '-o', work.at('x.wav'), '--force', '--quiet', '--model', work.model];
    const both = await Promise.all([runDenoise(args), runDenoise(args)]);
    expect(both.map(({ code, stderr }) => ({ code, stderr }))).toEqual(
      Array(2).fill({ code: 0, stderr: '' }),
    );
    expect((await readdir(work.folder)).sort()).toEqual(['a.wav', 'x.wav']);
  });

  it('a reader that goes away ends it with one sentence', async () => {
    await writeLongRecording(work.at('long.wav'));
    const { code, stderr } = await runDenoise(
      [work.at('long.wav'), '-o', '-', '--json', '--model', work.model],
      {
        started: (child) => child.stdout?.once('data', () => child.stdout?.destroy()),
      },
    );
    expect(code).toBe(1);
    expect(JSON.parse(stderr.trim().split('\n')[0])).toMatchObject({
      error: { code: expect.stringMatching(/^E_(?!UNEXPECTED)/) },
    });
  });
});

describe('denoise, with no space left', () => {
  let place: string | undefined;

  beforeAll(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'denoise-full-'));
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', folder], { stdio: 'ignore' });
      place = folder;
    } catch {
      await rm(folder, { recursive: true });
    }
    return async () => {
      if (place === undefined) return;
      execFileSync('umount', [place]);
      await rm(place, { recursive: true });
    };
  });

  it('says so, and leaves neither output nor temporary file', async (context) => {
    if (place === undefined) return context.skip('needs the right to mount a small disk');
    await writeFile(work.at('talk.wav'), wavBytes([noisyTone(10)]));
    await mkdir(join(place, 'out'));
    const args = [work.at('talk.wav'), '-o', join(place, 'out', 'x.wav'), '--json', '--model', work.model];
    const finished = await runDenoise(args);
    expect(finished.code).toBe(1);
    expect(jsonError(finished).code).toBe('E_NO_SPACE');
    expect(await readdir(join(place, 'out'))).toEqual([]);
  });

  it('says so where stdout is full', async (context) => {
    if (process.platform !== 'linux') return context.skip('/dev/full is of Linux');
    const { openSync, closeSync } = await import('node:fs');
    const full = openSync('/dev/full', 'w');
    const finished = await runDenoise(['-', '--json', '--model', work.model], {
      input: wavBytes([noisyTone(2)]),
      spawn: { stdio: ['pipe', full, 'pipe'] },
    });
    closeSync(full);
    expect(finished.code).toBe(1);
    const [line, ...report] = finished.stderr.split('\n');
    expect(JSON.parse(line)).toMatchObject({ error: { code: 'E_NO_SPACE' } });
    expect(JSON.parse(report.join('\n'))).toMatchObject({ succeeded: 0, failed: 1 });
  });
});
