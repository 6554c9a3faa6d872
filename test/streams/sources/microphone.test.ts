import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { AudioChunk } from '../../../src/audio/chunk.js';
import type { SourceNotice } from '../../../streams/sources/chunk-source.js';
import { MicrophoneSource } from '../../../streams/sources/microphone.js';
import { type FileSoundCard, fileSoundCard, noAlsa } from '../../support/alsa.js';
import { until } from '../../support/until.js';
import { sourceConformance } from './conformance.js';

const spoken = Int16Array.from({ length: 48_000 }, (_, i) => Math.round(9000 * Math.sin(i / 7)));
const { ALSA_CONFIG_PATH, PATH } = process.env;
let card: FileSoundCard;

beforeAll(() => {
  card = fileSoundCard();
  writeFileSync(card.microphone, Buffer.from(spoken.buffer));
});
afterAll(() => rmSync(card.folder, { recursive: true }));
beforeEach(() => {
  process.env.ALSA_CONFIG_PATH = card.config;
});
afterEach(() => {
  process.env.PATH = PATH;
  if (ALSA_CONFIG_PATH === undefined) delete process.env.ALSA_CONFIG_PATH;
  else process.env.ALSA_CONFIG_PATH = ALSA_CONFIG_PATH;
});

/** Puts a program named `arecord` before all others: a shell script that fails as real ones do. */
function pretend(script: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'recorder-'));
  writeFileSync(join(folder, 'arecord'), `#!/bin/sh\n${script}\n`);
  chmodSync(join(folder, 'arecord'), 0o755);
  process.env.PATH = `${folder}:${PATH}`;
  return folder;
}

sourceConformance({
  name: 'microphone',
  wanted: 20_000,
  skip: noAlsa,
  open: () => MicrophoneSource.open({ sampleRate: 16_000 }),
});

describe.skipIf(noAlsa !== undefined)(`microphone ${noAlsa ?? ''}`, () => {
  it('gives what the sound card hears, by the real arecord', async () => {
    const source = await MicrophoneSource.open({ sampleRate: 16_000 });
    const heard: number[] = [];
    source.on('data', (chunk: AudioChunk) => heard.push(...chunk.samples[0]!));
    await until(() => heard.length >= 20_000);
    source.destroy();
    expect(heard.slice(0, 20_000)).toEqual([...spoken.subarray(0, 20_000)].map((value) => value / 32_768));
  });

  it('says that there is no such device', async () => {
    const opening = MicrophoneSource.open({ device: 'hw:77' });
    await expect(opening).rejects.toMatchObject({ name: 'DeviceError', code: 'E_NO_DEVICE' });
  });
});

describe.skipIf(process.platform === 'win32')('microphone that fails', () => {
  it.each([
    ['echo "arecord: audio open error: Device or resource busy" >&2; exit 1', 'E_DEVICE_BUSY'],
    ['echo "arecord: audio open error: Permission denied" >&2; exit 1', 'E_PERMISSION'],
    ['echo "something else" >&2; exit 1', 'E_SOUND_PROGRAM'],
  ])('says why: %s', async (script, code) => {
    const folder = pretend(script);
    await expect(MicrophoneSource.open()).rejects.toMatchObject({ name: 'DeviceError', code });
    rmSync(folder, { recursive: true });
  });

  it('names what to install when there is no recording program', async () => {
    process.env.PATH = '/nowhere';
    await expect(MicrophoneSource.open()).rejects.toMatchObject({ code: 'E_NO_SOUND_PROGRAM' });
  });

  it('counts what the program lost, and comes back when it is started again', async () => {
    const folder = pretend(
      'head -c 32000 /dev/zero; echo "overrun!!! (at least 250.000 ms long)" >&2; sleep 0.2; head -c 3200 /dev/zero',
    );
    const source = await MicrophoneSource.open({ sampleRate: 16_000, backOff: { firstMs: 10, attempts: 5 } });
    const notices: SourceNotice[] = [];
    source.on('notice', (notice: SourceNotice) => notices.push(notice));
    source.on('error', () => {});
    source.resume();
    await until(() => notices.some(({ kind }) => kind === 'resumed'));
    expect(notices).toContainEqual({
      kind: 'lost',
      lostSamples: 4000n,
      estimated: true,
      reason: 'the recording program was held up',
    });
    source.destroy();
    rmSync(folder, { recursive: true });
  });
});
