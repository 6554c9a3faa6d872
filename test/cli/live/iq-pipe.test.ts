import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TRANSMISSION, transmission } from '../../support/iq-fixture.js';
import { jsonError, PROGRAM, runDenoise } from '../support/run-denoise.js';
import { noisyTone } from '../support/sounds.js';
import { parseWav } from '../support/wav-bytes.js';

const { rate, centreHz, tuneHz } = TRANSMISSION;
let folder: string;
let iq: Uint8Array;
let radio: string[];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'denoise-iq-pipe-'));
  iq = transmission(Float32Array.from(noisyTone(1)));
  writeFileSync(join(folder, 'band.cu8'), iq);
  radio = ['live', '--rate', `${rate}`, '--centre', `${centreHz}`, '--freq', `${tuneHz}`, '--no-denoise'];
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true }));

const sound = (name: string) => [...parseWav(readFileSync(join(folder, name))).samples[0]];

describe.skipIf(process.platform === 'win32')('radio samples through a pipe', () => {
  it('sound as from a file, from stdin and from a named pipe, to the sample', async () => {
    const common = ['--quiet', '--out'];
    const file = [...radio, '--source', `iq:${join(folder, 'band.cu8')}`, '--fast', ...common];
    expect((await runDenoise([...file, join(folder, 'file.wav')])).code).toBe(0);
    const fast = [...radio, '--source', 'iq:-', '--fast', ...common, join(folder, 'fast.wav')];
    expect(await runDenoise(fast, { input: iq })).toMatchObject({ code: 0, stderr: '' });
    const live = [...radio, '--source', 'iq:-', '--format', 'cu8', ...common, join(folder, 'live.wav')];
    expect(await runDenoise(live, { input: iq })).toMatchObject({ code: 0, stderr: '' });
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    const writer = spawn('sh', ['-c', `cat '${join(folder, 'band.cu8')}' > '${pipe}'`]);
    const named = [...radio, '--source', `iq:${pipe}`, ...common, join(folder, 'named.wav')];
    expect(await runDenoise(named)).toMatchObject({ code: 0, stderr: '' });
    writer.kill();
    for (const name of ['fast.wav', 'live.wav', 'named.wav']) expect(sound(name)).toEqual(sound('file.wav'));
  });

  it('end with 130 at Ctrl-C while nothing comes, and the writer at the end of the reader', async () => {
    const pipe = join(folder, 'silent');
    execFileSync('mkfifo', [pipe]);
    // Opens as soon as the program does, and writes nothing.
    const writer = open(pipe, 'w');
    const started = (child: ChildProcess) => void writer.then(() => child.kill('SIGINT'));
    const silent = await runDenoise([...radio, '--source', `iq:${pipe}`, '--out', 'none', '--quiet'], {
      started,
    });
    expect(silent).toMatchObject({ code: 130, stderr: '' });
    await (await writer).close();
    const words = [...radio, '--source', 'iq:-', '--out', 'none', '--quiet', '--duration', '0.2'];
    const command = words.map((word) => `'${word}'`).join(' ');
    const script = `set -o pipefail; yes | '${process.execPath}' '${PROGRAM}' ${command}; echo "\${PIPESTATUS[@]}"`;
    // 141: SIGPIPE.
    expect(execFileSync('bash', ['-c', script]).toString().trim()).toBe('141 0');
  });

  it('tell of a rest, of nothing at all, and of what they can not do', async () => {
    const options = [...radio, '--source', 'iq:-', '--out', 'none'];
    const odd = await runDenoise([...options, '--fast', '--json'], { input: iq.subarray(0, 30_001) });
    expect(odd.code).toBe(0);
    expect(odd.stdout.toString()).toContain('its last 1 bytes are left out');
    const empty = await runDenoise([...options, '--json']);
    expect([empty.code, jsonError(empty).code]).toEqual([1, 'E_EMPTY']);
    const again = await runDenoise([...options, '--loop', '--json'], { input: iq });
    expect([again.code, jsonError(again).code]).toEqual([2, 'E_NO_RECORDING']);
    const format = await runDenoise([...options, '--format', 'mp3', '--json'], { input: iq });
    expect([format.code, jsonError(format).code]).toEqual([2, 'E_FORMAT']);
  });
});
