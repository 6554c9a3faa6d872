import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { TRANSMISSION, transmission } from '../../support/iq-fixture.js';
import { type Finished, jsonError, runDenoise } from '../support/run-denoise.js';
import { noSmallDisk, onSmallDisk } from '../support/small-disk.js';
import { noisyTone } from '../support/sounds.js';
import { standInModel } from '../support/stand-in-model.js';
import { parseWav } from '../support/wav-bytes.js';

const { rate, centreHz, tuneHz } = TRANSMISSION;
/** 512 KiB are 16 s of 16-bit sound at 16 kHz. */
const DISK_KB = 512;
const SECONDS = 20;
let folder: string;
let small: string;
let copy: string;
let radio: string[];

beforeAll(async () => {
  if (noSmallDisk !== undefined) return;
  folder = mkdtempSync(join(tmpdir(), 'denoise-live-full-'));
  small = join(folder, 'small');
  copy = join(folder, 'copy');
  mkdirSync(small);
  writeFileSync(join(folder, 'band.cu8'), transmission(Float32Array.from(noisyTone(1.5))));
  radio = ['live', '--source', `iq:${join(folder, 'band.cu8')}`, '--rate', `${rate}`, '--loop', '--fast'];
  radio.push('--centre', `${centreHz}`, '--freq', `${tuneHz}`, '--model', await standInModel(folder));
}, 60_000);
beforeEach(() => {
  if (noSmallDisk !== undefined) return;
  rmSync(copy, { recursive: true, force: true });
  mkdirSync(copy);
});
afterAll(() => {
  if (noSmallDisk === undefined) rmSync(folder, { recursive: true });
});

function record(...args: string[]): Promise<Finished> {
  return runDenoise([...radio, '--json', '--out', join(small, 'talk.wav'), ...args], {
    shell: onSmallDisk(small, copy, DISK_KB),
  });
}

/** The samples of a recording whose header tells the truth. */
function recording(path: string): Buffer {
  const bytes = readFileSync(path);
  expect(bytes.readUInt32LE(4) + 8).toBe(bytes.length);
  return parseWav(bytes).data;
}

describe.skipIf(noSmallDisk !== undefined)(
  `denoise live on a disk that fills up${noSmallDisk ? ` (skipped: ${noSmallDisk})` : ''}`,
  () => {
    it('ends with one clear error, and the recording so far is valid and fills the disk', async () => {
      const finished = await record();
      expect(finished.code).toBe(1);
      expect(finished.stderr.trim().split('\n')).toHaveLength(1);
      expect(jsonError(finished)).toMatchObject({
        code: 'E_NO_SPACE',
        message: expect.stringContaining('talk.wav'),
      });
      expect(readdirSync(copy)).toEqual(['talk.wav']);
      const { length } = recording(join(copy, 'talk.wav'));
      expect(length).toBeGreaterThan((DISK_KB - 40) * 1024);
    });

    it('goes on into the other outputs to the end, and says what happened when it happened and at the end', async () => {
      const whole = join(folder, 'whole.wav');
      const finished = await record('--out', whole, '--duration', `${SECONDS}`);
      expect(finished.code).toBe(1);
      expect(jsonError(finished).code).toBe('E_NO_SPACE');
      const lines = finished.stdout
        .toString()
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line));
      expect(lines.filter(({ kind }) => kind === 'output-failed')).toMatchObject([
        {
          type: 'event',
          error: { code: 'E_NO_SPACE' },
          message: expect.stringContaining('other outputs go on'),
        },
      ]);
      const all = recording(whole);
      expect(all.length).toBe(2 * 16_000 * SECONDS);
      const part = recording(join(copy, 'talk.wav'));
      expect(part.length).toBeGreaterThan((DISK_KB - 40) * 1024);
      expect(part.equals(all.subarray(0, part.length))).toBe(true);
    });
  },
);
