import { execFileSync, spawnSync } from 'node:child_process';
import { closeSync, constants, existsSync, lstatSync, openSync } from 'node:fs';
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { jsonError, PROGRAM, runDenoise } from './support/run-denoise.js';
import { noisyTone } from './support/sounds.js';
import { parseWav, wavBytes } from './support/wav-bytes.js';
import { useWorkspace } from './support/workspace.js';

const work = useWorkspace();
const run = (...args: string[]) => runDenoise([...args, '--model', work.model]);
const tone = noisyTone(0.3);
const whole = wavBytes([tone]);
/** Resolves to the writing end of a named pipe once somebody reads it; before that it cannot be opened without waiting. */
async function untilRead(pipe: string): Promise<number> {
  for (;;) {
    try {
      return openSync(pipe, constants.O_WRONLY | constants.O_NONBLOCK);
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

const names = async (): Promise<string[]> => (await readdir(work.folder)).sort();

/** The same recording as FLAC, made by the program itself. */
async function writeFlac(name: string): Promise<void> {
  await writeFile(work.at('source.wav'), whole);
  expect((await run(work.at('source.wav'), '-o', work.at(name), '-s', '0')).code).toBe(0);
  execFileSync('rm', [work.at('source.wav')]);
}

describe('what denoise replaces', () => {
  it('its own result of the same recording, and nobody else`s file', async () => {
    await writeFile(work.at('talk.wav'), whole);
    for (let time = 0; time < 2; time++) expect((await run(work.at('talk.wav'))).code).toBe(0);
    const result = await readFile(work.at('talk.denoised.wav'));
    await writeFile(work.at('talk.denoised.wav'), wavBytes([noisyTone(0.1)]));
    const refused = await run(work.at('talk.wav'), '--json');
    expect(jsonError(refused).code).toBe('E_EXISTS');
    expect((await run(work.at('talk.wav'), '--force')).code).toBe(0);
    expect(await readFile(work.at('talk.denoised.wav'))).toEqual(result);
  });

  it('its own result where that is the recording itself', async () => {
    await writeFile(work.at('talk.wav'), whole);
    for (let time = 0; time < 2; time++) expect((await run(work.at('talk.wav'), '-s', '0')).code).toBe(0);
    expect(await readFile(work.at('talk.denoised.wav'))).toEqual(whole);
  });

  it('no result of another recording: each gets a name of its own, in one call or in several', async () => {
    await writeFlac('tag.flac');
    await writeFile(work.at('tag.wav'), whole);
    const args = ['--format', 'wav'];
    expect((await run(work.at('tag.flac'), ...args)).code).toBe(0);
    expect((await run(work.at('tag.wav'), ...args)).code).toBe(0);
    expect(await names()).toEqual(['tag.denoised.wav', 'tag.flac', 'tag.wav', 'tag.wav.denoised.wav']);
    expect((await run(work.at('tag.wav'), ...args)).code).toBe(0);
    expect(await names()).toHaveLength(4);
    await mkdir(work.at('out'));
    const both = await run(work.at('tag.flac'), work.at('tag.wav'), '-o', work.at('out'), ...args);
    expect(both.code).toBe(0);
    expect((await readdir(work.at('out'))).sort()).toEqual(['tag.denoised.wav', 'tag.flac.denoised.wav']);
  });

  it('no picture that it did not draw, and never the result of the same call', async () => {
    await writeFile(work.at('talk.wav'), whole);
    await writeFile(work.at('notes'), 'precious');
    expect(jsonError(await run(work.at('talk.wav'), '--plot', work.at('notes'), '--json')).code).toBe(
      'E_EXISTS',
    );
    expect(await readFile(work.at('notes'), 'utf8')).toBe('precious');
    const same = await run(work.at('talk.wav'), '--plot', work.at('talk.denoised.wav'), '-f', '--json');
    expect(jsonError(same).code).toBe('E_SAME_OUTPUT');
    const input = await run(work.at('talk.wav'), '--plot', work.at('talk.wav'), '-f', '--json');
    expect(jsonError(input).code).toBe('E_SAME_FILE');
    for (let time = 0; time < 2; time++)
      expect((await run(work.at('talk.wav'), '--plot', work.at('p.png'))).code).toBe(0);
  });

  it('nothing by a name that asks for what cannot be written', async () => {
    await writeFile(work.at('talk.wav'), whole);
    for (const name of ['x.mp3', 'x.png'])
      expect(jsonError(await run(work.at('talk.wav'), '-o', work.at(name), '--json')).code).toBe(
        'E_OUTPUT_FORMAT',
      );
    expect(await names()).toEqual(['talk.wav']);
  });
});

describe('options of what is written', () => {
  it('only the beginning, under another suffix, with no more taken than allowed', async () => {
    await writeFile(work.at('talk.wav'), wavBytes([noisyTone(1)], { format: 'f32' }));
    expect((await run(work.at('talk.wav'), '--preview', '0.25')).code).toBe(0);
    const beginning = parseWav(await readFile(work.at('talk.preview.wav'))).samples[0];
    expect(beginning).toHaveLength(4000);
    expect((await run(work.at('talk.wav'), '--suffix', '-clean', '--max-attenuation', '2')).code).toBe(0);
    const before = parseWav(await readFile(work.at('talk.wav'))).samples[0];
    const after = parseWav(await readFile(work.at('talk-clean.wav'))).samples[0];
    // The stand-in halves; 2 dB are 0.794 of the sound at least, and its half of the rest.
    const floor = 10 ** (-2 / 20);
    const gain = floor + 0.5 * (1 - floor);
    expect(Math.max(...after.map((value, n) => Math.abs(value - gain * before[n])))).toBeLessThan(1e-3);
  });
});

describe('names that are hard to write', () => {
  it.skipIf(process.platform === 'win32')('with control characters are printed as text', async () => {
    const name = 'two\nlines\u001b[31m\u009b.wav';
    await writeFile(work.at(name), whole);
    const { code, stdout } = await run(work.at(name));
    expect(code).toBe(0);
    expect(stdout.toString()).toContain('two\\nlines');
    expect(stdout.toString().trimEnd().split('\n')).toHaveLength(2);
    expect((await run(work.at(`${name}none`))).stderr.trimEnd().split('\n')).toHaveLength(1);
  });

  it('of 255 bytes, with a dash before them, and through a link that leads nowhere yet', async () => {
    const long = `${'x'.repeat(251)}.wav`;
    await writeFile(work.at(long), whole);
    expect(jsonError(await run(work.at(long), '--json')).code).toBe('E_NAME_TOO_LONG');
    await symlink('there.wav', work.at('link.wav'));
    expect((await run(work.at(long), '-o', work.at('link.wav'))).code).toBe(0);
    expect([lstatSync(work.at('link.wav')).isSymbolicLink(), existsSync(work.at('there.wav'))]).toEqual([
      true,
      true,
    ]);
    await writeFile(work.at('-dash.wav'), whole);
    const inFolder = { spawn: { cwd: work.folder } };
    const dash = await runDenoise(['--json', '-dash.wav'], inFolder);
    expect(jsonError(dash)).toMatchObject({ code: 'E_DASH_NAME', hint: 'Write ./-dash.wav instead.' });
    expect((await runDenoise(['--model', work.model, '--', '-dash.wav'], inFolder)).code).toBe(0);
    expect(existsSync(work.at('-dash.denoised.wav'))).toBe(true);
  });

  it.skipIf(process.platform !== 'linux')('that are not UTF-8 are told, and skipped in folders', async () => {
    await writeFile(work.at('good.wav'), whole);
    await writeFile(
      Buffer.concat([Buffer.from(`${work.folder}/caf`), Buffer.from([0xe9]), Buffer.from('.wav')]),
      whole,
    );
    const { code, stdout } = await run(work.folder);
    expect(code).toBe(0);
    expect(stdout.toString()).toMatch(/Skipped 1, because its name is not UTF-8: caf\ufffd\.wav\./);
    const { stderr } = spawnSync(
      'bash',
      ['-c', `"${process.execPath}" "${PROGRAM}" --json $'${work.folder}/caf\\xe9.wav'`],
      {
        encoding: 'utf8',
      },
    );
    expect(JSON.parse(stderr)).toMatchObject({ error: { code: 'E_NAME_ENCODING' } });
  });
});

describe.skipIf(process.platform === 'win32')('pipes with a name', () => {
  it('are read as they come, and written to stdout where they have no place of their own', async () => {
    await writeFile(work.at('talk.wav'), whole);
    const command = (inputs: string) => `"${process.execPath}" "${PROGRAM}" -q -m "${work.model}" ${inputs}`;
    const bash = (line: string) => spawnSync('bash', ['-c', line], { maxBuffer: 1e8, cwd: work.folder });
    const expected = await run('-q', work.at('talk.wav'), '-o', '-');
    for (const line of [
      command('<(cat talk.wav)'),
      `${command('/dev/stdin')} < talk.wav`,
      `cat talk.wav | ${command('/dev/stdin')}`,
      `mkfifo pipe.wav; (cat talk.wav > pipe.wav &); ${command('pipe.wav')} && cat pipe.denoised.wav`,
    ]) {
      const { status, stdout, stderr } = bash(line);
      expect({ status, stderr: String(stderr) }).toEqual({ status: 0, stderr: '' });
      expect(parseWav(stdout).samples).toEqual(parseWav(expected.stdout).samples);
    }
  });

  it.each<[NodeJS.Signals, number]>([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ])('on which nothing comes end at %s', async (signal, code) => {
    execFileSync('mkfifo', [work.at('pipe.wav')]);
    let writer: number | undefined;
    const finished = await runDenoise([work.at('pipe.wav'), '--model', work.model], {
      started: (child) => {
        void untilRead(work.at('pipe.wav')).then((end) => {
          writer = end;
          child.kill(signal);
        });
      },
    });
    if (writer !== undefined) closeSync(writer);
    expect(finished).toMatchObject({ code, stderr: '' });
    expect(await names()).toEqual(['pipe.wav']);
  });
});
