import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { noAlsa } from '../../support/alsa.js';
import { TRANSMISSION, transmission } from '../../support/iq-fixture.js';
import { jsonError, runDenoise } from '../support/run-denoise.js';
import { noisyTone } from '../support/sounds.js';
import { standInModel } from '../support/stand-in-model.js';
import { parseWav, wavBytes } from '../support/wav-bytes.js';

const { rate, centreHz, tuneHz } = TRANSMISSION;
let folder: string;
let recording: string;
let model: string;
let radio: string[];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'denoise-live-'));
  recording = join(folder, 'band.cu8');
  writeFileSync(recording, transmission(Float32Array.from(noisyTone(1.5))));
  model = await standInModel(folder);
  radio = ['live', '--source', `iq:${recording}`, '--rate', `${rate}`, '--centre', `${centreHz / 1e6}M`];
  radio.push('--freq', `${tuneHz / 1e6}M`, '--model', model);
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true }));

function readWav(path: string) {
  const { sampleRate, channels, samples } = parseWav(readFileSync(path));
  return { sampleRate, channels, frames: samples[0].length, samples: samples[0] };
}

describe('denoise live, asked for something wrong', () => {
  const cases: [string, string[], number, string, RegExp][] = [
    ['a mode with a slip', ['--mode', 'nbmf'], 2, 'E_MODE', /Did you mean nbfm\?/],
    ['a frequency outside the recording', ['--freq', '105M', '--fast'], 2, 'E_TUNE_RANGE', /Tune between/],
    ['a recording that is not there', ['--source', 'iq:nowhere_250k.cu8'], 1, 'E_NOT_FOUND', /path/],
  ];

  it.each(cases)('%s', async (_what, args, exitCode, code, hint) => {
    const out = args.includes('--out') ? [] : ['--out', 'none'];
    const finished = await runDenoise([...radio, ...out, ...args, '--json']);
    expect(finished.code).toBe(exitCode);
    const error = jsonError(finished);
    expect(error.code).toBe(code);
    expect(error.hint).toMatch(hint);
  });

  it('a radio without a frequency, and a recording whose centre nobody knows', async () => {
    const noFrequency = await runDenoise(['live', '--source', 'rtl_tcp://127.0.0.1:1', '--json']);
    expect(jsonError(noFrequency).code).toBe('E_NO_FREQUENCY');
    const source = [
      'live',
      '--source',
      `iq:${recording}`,
      '--rate',
      '250k',
      '--freq',
      '100M',
      '--out',
      'none',
    ];
    const noCentre = await runDenoise([...source, '--model', model, '--json']);
    expect(jsonError(noCentre)).toMatchObject({
      code: 'E_NO_CENTRE',
      hint: expect.stringContaining('--centre'),
    });
  });

  it('an output twice, a folder that is not there, no time at all: and leaves nothing behind', async () => {
    const path = join(folder, 'left.wav');
    const twice = await runDenoise([...radio, '--out', path, '--out', path, '--json']);
    expect(twice.code).toBe(2);
    expect(jsonError(twice).code).toBe('E_SINK');
    const nowhere = join(folder, 'nowhere', 'x.wav');
    const second = await runDenoise([...radio, '--fast', '--out', path, '--out', nowhere, '--json']);
    expect(second.code).toBe(1);
    expect(existsSync(path)).toBe(false);
    expect((await runDenoise([...radio, '--out', 'none', '--duration', '0'])).code).toBe(2);
  });

  it('never overwrites a recording unless forced', async () => {
    const path = join(folder, 'precious.wav');
    writeFileSync(path, 'precious');
    const refused = await runDenoise([...radio, '--fast', '--out', path, '--json']);
    expect(jsonError(refused).code).toBe('E_EXISTS');
    expect(readFileSync(path, 'utf8')).toBe('precious');
    const empty = join(folder, 'empty.wav');
    const nothing = [
      'live',
      '--source',
      'iq:-',
      '--rate',
      '250k',
      '--model',
      model,
      '--out',
      empty,
      '--json',
    ];
    expect(jsonError(await runDenoise(nothing)).code).toBe('E_EMPTY');
    expect(existsSync(empty)).toBe(false);
    expect((await runDenoise([...radio, '--fast', '--out', path, '--force', '--quiet'])).code).toBe(0);
    expect(readWav(path).frames).toBeGreaterThan(20_000);
  });

  it('never overwrites its own source, by whatever name, not even forced', async () => {
    const sound = wavBytes([noisyTone(1)]);
    const source = join(folder, 'source-0002.wav');
    writeFileSync(source, sound);
    symlinkSync(source, join(folder, 'link.wav'));
    const forced = ['live', '--source', source, '--model', model, '--fast', '--force', '--json'];
    for (const out of [['link.wav'], ['source-0002.wav'], ['source.wav', '--rotate', '0.5s']]) {
      const refused = await runDenoise([...forced, '--out', join(folder, out[0]), ...out.slice(1)]);
      expect(refused.code).toBe(1);
      expect(jsonError(refused).code).toBe('E_SAME_FILE');
      expect(readFileSync(source).equals(sound)).toBe(true);
    }
  });

  it.skipIf(noAlsa !== undefined)('no speaker', async () => {
    const config = join(folder, 'no-speaker.conf');
    writeFileSync(config, '');
    const finished = await runDenoise([...radio, '--out', 'speaker', '--json'], {
      spawn: { env: { ...process.env, ALSA_CONFIG_PATH: config } },
    });
    expect(finished.code).toBe(1);
    expect(jsonError(finished)).toMatchObject({
      code: 'E_NO_DEVICE',
      hint: expect.stringContaining('aplay -L'),
    });
  });
});
