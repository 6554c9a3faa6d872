import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseRotation } from '../../../src/cli/live/rotation.js';
import { hasProgram } from '../../support/fake-rtlsdr.js';
import { TRANSMISSION, transmission } from '../../support/iq-fixture.js';
import { jsonError, PROGRAM, runDenoise } from '../support/run-denoise.js';
import { noisyTone } from '../support/sounds.js';
import { parseWav } from '../support/wav-bytes.js';

const { rate, centreHz } = TRANSMISSION;
let folder: string;
let radio: string[];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'denoise-rotate-'));
  const recording = join(folder, 'band.cu8');
  writeFileSync(recording, transmission(Float32Array.from(noisyTone(1.5))));
  radio = [
    'live',
    '--source',
    `iq:${recording}`,
    '--rate',
    `${rate}`,
    '--centre',
    `${centreHz}`,
    '--no-denoise',
  ];
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true }));

/** The parts `NAME-0001.wav` … in order, as 16-bit samples. */
function parts(name: string) {
  const files = readdirSync(folder).filter((file) => file.startsWith(`${name}-`) && file.endsWith('.wav'));
  return files.sort().map((file) => {
    const bytes = readFileSync(join(folder, file));
    expect(bytes.readUInt32LE(4) + 8).toBe(bytes.length);
    const { sampleRate, samples } = parseWav(bytes);
    return { file, sampleRate, frames: samples[0].length, samples: samples[0] };
  });
}

describe('--rotate', () => {
  it.each([
    ['90s', { rotateSeconds: 90 }],
    ['1.5h', { rotateSeconds: 5_400 }],
    ['30m', { rotateSeconds: 1_800 }],
    ['30 min', { rotateSeconds: 1_800 }],
    ['500MB', { rotateBytes: 500e6 }],
    ['2gib', { rotateBytes: 2 ** 31 }],
  ])('reads %s', (text, rotation) => expect(parseRotation(text)).toEqual(rotation));

  it.each(['', '1', '500M', '-1h', '0s', '10ms', '1kB', '5GB', 'hourly', '1e9h'])('refuses "%s"', (text) => {
    expect(() => parseRotation(text)).toThrow(
      expect.objectContaining({ code: 'E_ROTATE', hint: expect.any(String) }),
    );
  });

  it('is refused where nothing is recorded', async () => {
    const finished = await runDenoise([...radio, '--fast', '--out', 'none', '--rotate', '1h', '--json']);
    expect(finished.code).toBe(2);
    expect(jsonError(finished).code).toBe('E_ROTATE');
  });

  it('by size gives full parts and the rest, and passes over a name that is taken on the way', async () => {
    writeFileSync(join(folder, 'size-0002.wav'), 'precious');
    const whole = join(folder, 'whole.wav');
    expect((await runDenoise([...radio, '--fast', '--quiet', '--out', whole])).code).toBe(0);
    const sized = ['--out', join(folder, 'size.wav'), '--rotate', '20kB'];
    expect((await runDenoise([...radio, '--fast', '--quiet', ...sized])).code).toBe(0);
    expect(readFileSync(join(folder, 'size-0002.wav'), 'utf8')).toBe('precious');
    rmSync(join(folder, 'size-0002.wav'));
    const got = parts('size');
    expect(got.map(({ file }) => file)).toEqual(['size-0001.wav', 'size-0003.wav', 'size-0004.wav']);
    expect(got.slice(0, -1).every(({ frames }) => frames === 10_000)).toBe(true);
    const expected = [...parseWav(readFileSync(whole)).samples[0]];
    expect(got.flatMap(({ samples }) => [...samples])).toEqual(expected);
  });

  it.skipIf(!hasProgram('script'))(
    'by time, with a retune and a change of mode and rate between: every part is valid, no sample is lost',
    async () => {
      const raw = join(folder, 'raw');
      const words = [process.execPath, PROGRAM, ...radio, '--loop', '--mode', 'cw'];
      words.push('--out', join(folder, 'time.wav'), '--rotate', '0.25s', '--out', '-');
      const command = `${words.map((word) => `'${word}'`).join(' ')} > '${raw}'`;
      const env = { ...process.env, TERM: 'xterm' };
      const child: ChildProcess = spawn('script', ['-qefc', command, '/dev/null'], { stdio: 'pipe', env });
      child.stdout!.resume();
      const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
      const until = async (bytes: number) => {
        while ((statSync(raw, { throwIfNoEntry: false })?.size ?? 0) < bytes && child.exitCode === null)
          await sleep(20);
      };
      await until(10_000);
      child.stdin!.write('\u001b[A');
      await until(22_000);
      child.stdin!.write('m');
      await until(50_000);
      child.stdin!.write('q');
      expect(await ended).toBe(0);
      const got = parts('time');
      const voice = got.filter(({ sampleRate }) => sampleRate === 16_000);
      const music = got.filter(({ sampleRate }) => sampleRate === 48_000);
      expect(voice.length).toBeGreaterThan(2);
      expect(music.length).toBeGreaterThan(2);
      expect([...voice, ...music]).toEqual(got);
      expect(voice.slice(0, -1).every(({ frames }) => frames === 4_000)).toBe(true);
      expect(music.slice(0, -1).every(({ frames }) => frames === 12_000)).toBe(true);
      const bytes = readFileSync(raw);
      const before = voice.flatMap(({ samples }) => [...samples]);
      const piped = before.map((_, n) => bytes.readInt16LE(2 * n) / 32_768);
      expect(piped).toEqual(before);
      const seconds = got.reduce((sum, { frames, sampleRate }) => sum + frames / sampleRate, 0);
      expect(Math.abs(bytes.length / 2 / 16_000 - seconds)).toBeLessThan(2 / 16_000);
    },
  );
});
