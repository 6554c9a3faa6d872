import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runDenoise } from '../support/run-denoise.js';
import { noisyTone } from '../support/sounds.js';
import { parseWav, wavBytes } from '../support/wav-bytes.js';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'denoise-speaker-'));
  writeFileSync(join(folder, 'talk.wav'), wavBytes([noisyTone(30)]));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe.skipIf(process.platform === 'win32')('Ctrl-C with a speaker that takes nothing', () => {
  it.each([
    ['at its own speed', []],
    ['as fast as the speaker takes it', ['--fast']],
  ])(
    'ends with 130, without an error of the speaker, and leaves a valid recording, %s',
    async (name, more) => {
      const started = join(folder, 'started');
      rmSync(started, { force: true });
      // Takes no notice of a mild request, either, as one that hangs in its driver.
      writeFileSync(
        join(folder, 'aplay'),
        `#!/bin/sh\ntrap '' TERM INT\ntouch '${started}'\nwhile :; do sleep 1; done\n`,
      );
      chmodSync(join(folder, 'aplay'), 0o755);
      const out = join(folder, `out-${more.length}.wav`);
      const words = [
        'live',
        '--source',
        join(folder, 'talk.wav'),
        '--no-denoise',
        '--out',
        'speaker',
        '--out',
        out,
      ];
      const finished = await runDenoise([...words, ...more, '--quiet'], {
        spawn: { env: { ...process.env, PATH: `${folder}${delimiter}${process.env.PATH}` } },
        started: async (child) => {
          while (!existsSync(started)) await sleep(20);
          await sleep(300);
          child.kill('SIGINT');
        },
      });
      expect(finished, name).toMatchObject({ code: 130, stderr: '' });
      expect(parseWav(readFileSync(out)).samples[0].length).toBeGreaterThan(0);
    },
  );
});
