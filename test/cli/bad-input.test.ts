import { chmod, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { jsonError, runDenoise } from './support/run-denoise.js';
import { noisyTone } from './support/sounds.js';
import { wavBytes } from './support/wav-bytes.js';
import { useWorkspace } from './support/workspace.js';

const tone = noisyTone(0.5);
const whole = wavBytes([tone]);
const NAN = wavBytes([Float32Array.from(tone, (value, n) => (n === 4000 ? Number.NaN : value))], {
  format: 'f32',
});

const BROKEN: [string, Uint8Array][] = [
  ['an empty file', Buffer.alloc(0)],
  ['a header that ends in the middle', whole.subarray(0, 30)],
  ['a header without samples behind it', whole.subarray(0, 36)],
  ['0 channels', wavBytes([tone], { lie: { channels: 0 } })],
  ['0 Hz', wavBytes([tone], { lie: { sampleRate: 0 } })],
  ['a 100-byte file that claims 4 GB and more channels than bytes', hugeClaim()],
  ['NaN samples', NAN],
  ['text', Buffer.from('This is not audio at all, but a letter to a friend.\n'.repeat(40))],
  ['an MP3 file', Buffer.concat([Buffer.from('ID3\u0003\0\0\0\0\0\0', 'latin1'), Buffer.alloc(2000, 0xff)])],
  ['zeros', Buffer.alloc(5000)],
];

/** 100 bytes whose header promises 4 GB of sound in blocks larger than the file. */
function hugeClaim(): Buffer {
  return wavBytes([new Float32Array(28)], { lie: { dataBytes: 0xffffff00, channels: 60_000 } }).subarray(
    0,
    100,
  );
}

describe('denoise, given what is no recording', () => {
  const work = useWorkspace();

  it.each(BROKEN)('%s: one sentence, exit 1, nothing written', async (_, bytes) => {
    const input = work.at('broken.wav');
    await writeFile(input, bytes);
    const finished = await runDenoise([input, '--json', '--model', work.model]);
    expect({ code: finished.code, stdout: JSON.parse(finished.stdout.toString()) }).toMatchObject({
      code: 1,
      stdout: { succeeded: 0, failed: 1 },
    });
    expect(jsonError(finished).code).toMatch(/^E_(?!UNEXPECTED)[A-Z0-9_]+$/);
    expect(jsonError(finished).message).toContain('broken.wav');
    expect(await readdir(work.folder)).toEqual(['broken.wav']);
  });

  it.each(BROKEN)('%s on stdin: one sentence, exit 1', async (_, bytes) => {
    const { code, stdout, stderr } = await runDenoise(['-', '--model', work.model], { input: bytes });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^denoise: stdin.+\n$/);
    expect(stdout.length).toBeLessThan(100);
  });

  it('a path that does not exist', async () => {
    const finished = await runDenoise([work.at('nothing.wav'), '--json', '--model', work.model]);
    expect(finished.code).toBe(1);
    expect(jsonError(finished)).toMatchObject({
      code: 'E_NOT_FOUND',
      message: expect.stringContaining('nothing.wav'),
    });
  });

  it('a folder without recordings', async () => {
    await mkdir(work.at('empty'));
    const finished = await runDenoise([work.at('empty'), '--json', '--model', work.model]);
    expect(finished.code).toBe(1);
    expect(jsonError(finished).code).toBe('E_NO_AUDIO_FOUND');
  });

  it('a file that may not be read', async (context) => {
    const input = work.at('secret.wav');
    await writeFile(input, whole);
    await chmod(input, 0o000);
    await chmod(work.folder, 0o755);
    const root = process.getuid?.() === 0;
    if (root && process.platform !== 'linux') return context.skip();
    // Root may read everything; the program itself runs as nobody, who must still reach it.
    const spawn = root ? { uid: 65_534, gid: 65_534 } : {};
    const finished = await runDenoise(
      [input, '--json', '--model', work.model, '-o', join(tmpdir(), 'never.wav')],
      { spawn },
    );
    if (finished.code === null || /Cannot find module|EACCES.*bin/.test(finished.stderr))
      return context.skip();
    expect(finished.code).toBe(1);
    expect(jsonError(finished).code).toBe('E_PERMISSION');
  });

  it.each(['the same path', 'another spelling', 'a symbolic link'])('output = input, by %s', async (how) => {
    const input = work.at('talk.wav');
    await writeFile(input, whole);
    if (how === 'a symbolic link') await symlink(input, work.at('link.wav'));
    const output = {
      'the same path': input,
      'another spelling': join(work.folder, '..', basename(work.folder), 'talk.wav'),
      'a symbolic link': work.at('link.wav'),
    }[how];
    const finished = await runDenoise([
      input,
      '-o',
      output ?? '',
      '--force',
      '--json',
      '--model',
      work.model,
    ]);
    expect(finished.code).toBe(1);
    expect(jsonError(finished).code).toBe('E_SAME_FILE');
    expect(await readFile(input)).toEqual(whole);
  });

  it('another recording as output: refused, and done with --force', async () => {
    const [input, other] = [work.at('a.wav'), work.at('b.wav')];
    await writeFile(input, whole);
    await writeFile(other, 'precious');
    const refused = await runDenoise([input, '-o', other, '--json', '--model', work.model]);
    expect(jsonError(refused).code).toBe('E_EXISTS');
    expect(await readFile(other, 'utf8')).toBe('precious');
    expect((await runDenoise([input, '-o', other, '--force', '--model', work.model])).code).toBe(0);
    expect((await readFile(other)).toString('latin1', 0, 4)).toBe('RIFF');
  });

  it('an output of another input of the same call', async () => {
    await writeFile(work.at('a.wav'), whole);
    await writeFile(work.at('a.denoised.wav'), whole);
    const finished = await runDenoise([
      work.at('a.wav'),
      work.at('a.denoised.wav'),
      '--json',
      '--model',
      work.model,
    ]);
    expect(jsonError(finished).code).toBe('E_SAME_FILE');
    expect(await readFile(work.at('a.denoised.wav'))).toEqual(whole);
  });

  it('a broken recording does not destroy an earlier result', async () => {
    const input = work.at('talk.wav');
    await writeFile(input, NAN);
    await writeFile(work.at('talk.denoised.wav'), 'earlier result');
    expect((await runDenoise([input, '--force', '--model', work.model])).code).toBe(1);
    expect(await readFile(work.at('talk.denoised.wav'), 'utf8')).toBe('earlier result');
  });

  it('a model that is none', async () => {
    await writeFile(work.at('talk.wav'), whole);
    for (const wrong of ['no-such-model', work.at('talk.wav'), work.at('none.onnx')]) {
      const finished = await runDenoise([work.at('talk.wav'), '--json', '--model', wrong]);
      expect(finished.code).toBe(1);
      expect(jsonError(finished).code).toMatch(/^E_(?!UNEXPECTED)/);
    }
    expect(await readdir(work.folder)).toEqual(['talk.wav']);
  });

  it('a device that is none', async () => {
    await writeFile(work.at('talk.wav'), whole);
    const finished = await runDenoise([
      work.at('talk.wav'),
      '--json',
      '--model',
      work.model,
      '--device',
      'abacus',
    ]);
    expect(finished.code).toBe(2);
    expect(jsonError(finished).code).toMatch(/^E_/);
  });
});
