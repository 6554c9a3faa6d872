import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TRANSMISSION, transmission } from '../../support/iq-fixture.js';
import { runDenoise } from '../support/run-denoise.js';
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

/** Resolves when the recording at `path` holds `bytes`. */
async function untilLong(path: string, bytes: number): Promise<void> {
  while ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) < bytes) await sleep(20);
}

/** Resolves when the recording at `path` has begun and grows no more: the pipe beside it is full. */
async function untilStill(path: string): Promise<void> {
  await untilLong(path, 10_000);
  for (let before = 0; statSync(path).size > before; await sleep(1000)) before = statSync(path).size;
}

describe('denoise live', () => {
  it('from pipe to pipe: as many samples as came, denoised, in step', async () => {
    const input = wavBytes([noisyTone(2)]);
    const { code, stdout, stderr } = await runDenoise(
      ['live', '--source', '-', '--out', '-', '--quiet', '--music', 'off', '--model', model],
      { input },
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.length).toBe(input.length - 44);
    for (let at = 0; at < stdout.length; at += 2)
      expect(Math.abs(stdout.readInt16LE(at) - input.readInt16LE(44 + at) / 2)).toBeLessThanOrEqual(1);
  });

  it('takes samples without a header, at another rate, and gives as many of its channels', async () => {
    const input = wavBytes([noisyTone(0.5, 44_100), noisyTone(0.5, 44_100, 2)], {
      sampleRate: 44_100,
    }).subarray(44);
    const { code, stdout } = await runDenoise(
      ['live', '--source', '-', '--raw', 's16:44.1k:2', '--out', '-', '--quiet', '--model', model],
      { input },
    );
    expect(code).toBe(0);
    expect(stdout.length).toBe(input.length);
  });

  it('records a radio to a WAV file, to the sample, and tells about it in JSON lines', async () => {
    const path = join(folder, 'talk.wav');
    const { code, stdout } = await runDenoise([
      ...radio,
      '--fast',
      '--duration',
      '1',
      '--out',
      path,
      '--json',
    ]);
    expect(code).toBe(0);
    const lines = stdout
      .toString()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines[0]).toMatchObject({
      type: 'start',
      format: { sampleRate: 16_000, channels: 1 },
      model: { name: 'half' },
    });
    expect(lines.at(-1)).toMatchObject({
      type: 'end',
      modelName: 'half',
      seconds: 1,
      radio: { frequencyHz: tuneHz, mode: 'nbfm' },
      source: { lostSeconds: 0 },
      denoiser: { overloads: 0, passedThroughSeconds: 0 },
    });
    const wav = readWav(path);
    expect(wav).toMatchObject({ sampleRate: 16_000, channels: 1, frames: 16_000 });
    expect(Math.max(...wav.samples)).toBeGreaterThan(0.1);
  });

  it('only receives with --no-denoise, twice as loud as the model that halves', async () => {
    const peakOf = async (name: string, ...args: string[]) => {
      const path = join(folder, name);
      const { code } = await runDenoise([
        ...radio,
        '--fast',
        '--quiet',
        '--music',
        'off',
        '--duration',
        '0.6',
        '--out',
        path,
        ...args,
      ]);
      expect(code).toBe(0);
      return Math.max(...readWav(path).samples);
    };
    const ratio = (await peakOf('plain.wav', '--no-denoise')) / (await peakOf('half.wav'));
    expect(ratio).toBeCloseTo(2, 1);
  });

  it.each<[NodeJS.Signals, number | null]>([
    ['SIGTERM', 143],
    ['SIGINT', 130],
    ['SIGKILL', null],
  ])('%s while recording leaves a valid WAV file', async (signal, code) => {
    const path = join(folder, `${signal}.wav`);
    const stop = (child: ChildProcess) => void untilLong(path, 8000).then(() => child.kill(signal));
    const finished = await runDenoise([...radio, '--loop', '--quiet', '--out', path], { started: stop });
    expect(finished).toMatchObject({ code, stderr: '' });
    const bytes = readFileSync(path);
    // After kill -9 the last write may not be in the header yet; what the header tells of is there.
    expect(bytes.readUInt32LE(4) + 8).toBeLessThanOrEqual(bytes.length);
    if (code !== null) expect(bytes.readUInt32LE(4) + 8).toBe(bytes.length);
    expect(readWav(path).frames).toBeGreaterThan(2000);
  });

  it('ends when its reader goes away, without a complaint', async () => {
    const { code, stderr } = await runDenoise([...radio, '--loop', '--quiet', '--out', '-'], {
      started: (child) => child.stdout?.once('data', () => child.stdout?.destroy()),
    });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });

  it.skipIf(process.platform === 'win32')(
    'ends when stopped, also where nobody reads its pipe',
    async () => {
      const path = join(folder, 'beside.wav');
      const pipe = join(folder, 'unread');
      const { code } = await runDenoise([...radio, '--loop', '--fast', '--out', path, '--out', '-'], {
        shell: `mkfifo ${pipe}; exec 3<>${pipe} >${pipe}`,
        started: (child) => void untilStill(path).then(() => child.kill('SIGINT')),
      });
      expect(code).toBe(130);
      expect(readWav(path).frames).toBeGreaterThan(20_000);
    },
    60_000,
  );
});
